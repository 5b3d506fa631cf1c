using k8s;
using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>A reflector at work, until it is stopped.</summary>
internal sealed class ReflectorRun
{
    private readonly Action _stop;

    private ReflectorRun(Task done, Action stop) => (Done, _stop) = (done, stop);

    /// <summary>Completes once it has stopped.</summary>
    public Task Done { get; }

    public static ReflectorRun Start<T>(Reflector<T> reflector)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var stop = new CancellationTokenSource();
        CancellationToken token = stop.Token;
        Task done = Detached.Run(() => Task.Run(() => reflector.RunAsync(token), CancellationToken.None));
        return new ReflectorRun(done, () => _ = stop.CancelAsync());
    }

    /// <summary>Returns at once. Safe to call from within what it publishes.</summary>
    public void Stop() => _stop();
}
