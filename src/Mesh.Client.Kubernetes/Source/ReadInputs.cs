using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// What something was read from, by the identity of the objects: while it is the same there is nothing to read anew. Not for use by
/// several threads.
/// </summary>
internal sealed class ReadInputs
{
    private readonly List<(object? Input, ResourceStatus Status)> _inputs = [];
    private int _next;
    private bool _areSame;

    /// <summary>Begins a round.</summary>
    public void Begin() => (_next, _areSame) = (0, true);

    /// <param name="input">Immutable, or never changed.</param>
    /// <param name="status">Of the list that it is from.</param>
    public void Add(object? input, ResourceStatus status = ResourceStatus.Known)
    {
        if (_next < _inputs.Count && ReferenceEquals(_inputs[_next].Input, input) && _inputs[_next].Status == status)
        {
            _next++;
            return;
        }

        _areSame = false;
        _inputs.RemoveRange(_next, _inputs.Count - _next);
        _inputs.Add((input, status));
        _next++;
    }

    /// <summary>Ends the round: whether it was the same as the last.</summary>
    public bool End()
    {
        bool areSame = _areSame && _next == _inputs.Count;
        _inputs.RemoveRange(_next, _inputs.Count - _next);
        return areSame;
    }
}
