using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Discovery.Providers;

/// <summary>Completes when any of the tokens fires. Those that never call back are left to polling.</summary>
internal sealed class ChangeWatch : IDisposable
{
    private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IDisposable?> _registrations = [];

    public Task Changed => _changed.Task;

    /// <exception cref="Exception">Whatever a foreign token throws.</exception>
    public void Add(IChangeToken token)
    {
        if (token.HasChanged)
        {
            _changed.TrySetResult();
        }
        else if (token.ActiveChangeCallbacks)
        {
            _registrations.Add(token.RegisterChangeCallback(static changed => ((TaskCompletionSource)changed!).TrySetResult(), _changed));
        }
    }

    /// <summary>Lets go of the tokens; what they throw at it is of no use to anybody.</summary>
    public void Dispose()
    {
        foreach (IDisposable? registration in _registrations)
        {
            try
            {
                registration?.Dispose();
            }
            catch (Exception)
            {
                // It has nobody to tell any more.
            }
        }
    }
}
