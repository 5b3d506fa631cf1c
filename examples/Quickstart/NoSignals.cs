namespace Quickstart;

/// <summary>For parts that end when the process that runs them says so: see <see cref="Interruption"/>.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
