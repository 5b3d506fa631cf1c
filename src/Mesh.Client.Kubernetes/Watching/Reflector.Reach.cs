using System.Collections.Immutable;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Kubernetes.Watching;

/// <content>What is said of the server's reach: the last state stands, with its problem.</content>
internal sealed partial class Reflector<T>
{
    /// <summary>In touch: what is held is what the server has.</summary>
    private void Hear()
    {
        Move(StreamState.Open);
        server.Streams.Hear();
        _missing = 0;
        _group.Serve(resource.Plural);
        if (_isDenied)
        {
            _isDenied = false;
            _askingAgain.Reset();
            _group.Appear();
        }

        if (_isLost)
        {
            _isLost = false;
            log.Found(resource);
        }

        if (_state.Status is ResourceStatus.Known)
        {
            Publish(_state with { Problem = null });
        }
    }

    /// <summary>The watch goes well: an event came, or it has lasted.</summary>
    private void Progress()
    {
        _backoff?.Reset();
        _wasGone = false;
    }

    private void Lose(ApiException exception) => Lose(
        exception.Message,
        exception.Failure is ApiFailure.Unreachable ? "is out of reach" : $"does not tell of {resource.Name} {resource.Place}");

    private void Lose(string reason, string what)
    {
        server.Streams.Lose(reason);
        if (!_isLost)
        {
            _isLost = true;
            log.Lost(resource, reason);
        }

        Publish(_state with { Problem = $"{server.Name} {what}: {reason}" });
    }

    private void Deny(ApiException exception)
    {
        server.Streams.Hear();
        _isDenied = true;
        string problem = $"{server.Name} denies access: {exception.Message}";
        if (_state.Problem != problem)
        {
            log.Denied(resource, exception.Message);
        }

        Publish(_state.Status is ResourceStatus.Known
            ? _state with { Problem = problem }
            : new ResourceState<T>(ResourceStatus.Denied, ImmutableDictionary<string, T>.Empty, problem));
    }

    // A server that has just started may not know its kinds yet: what is held stands until it has said so twice.
    private void Miss(ApiException exception)
    {
        server.Streams.Hear();
        string problem = $"{server.Name} does not know {resource.Name}: {exception.Message}";
        if (_state.Status is ResourceStatus.Known && ++_missing < 2)
        {
            Publish(_state with { Problem = problem });
            return;
        }

        if (_state.Status is not ResourceStatus.NotServed)
        {
            log.NotServed(resource);
        }

        Relist();
        Publish(new ResourceState<T>(ResourceStatus.NotServed, ImmutableDictionary<string, T>.Empty, problem));
    }
}
