using k8s;
using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>A reflector at work, until it is stopped.</summary>
internal sealed class ReflectorRun
{
    private readonly CancellationTokenSource _stop = new();

    private ReflectorRun()
    {
    }

    /// <summary>Completes once it has stopped.</summary>
    public Task Done { get; private set; } = Task.CompletedTask;

    public static ReflectorRun Start<T>(Reflector<T> reflector)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var run = new ReflectorRun();
        CancellationToken stop = run._stop.Token;
        run.Done = Detached.Run(() => Task.Run(() => reflector.RunAsync(stop), CancellationToken.None));
        return run;
    }

    /// <summary>Returns at once. Safe to call from within what it publishes.</summary>
    public void Stop() => _ = _stop.CancelAsync();
}
