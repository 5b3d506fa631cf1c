namespace Quickstart;

/// <summary>
/// For parts that end when the process that runs them says so. Ctrl+C reaches every process of a terminal at once; who started them
/// stops its load first.
/// </summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
