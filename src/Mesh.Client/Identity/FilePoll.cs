namespace Mesh.Client.Identity;

/// <summary>
/// Looks at files again and again. File system events are not used: they say nothing of what lies behind the symbolic links that
/// Kubernetes swaps, and are lost on many mounts.
/// </summary>
internal static class FilePoll
{
    /// <summary>2 s: a certificate is renewed minutes to hours before it ends.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>At once, then at each interval.</summary>
    public static async Task RunAsync(TimeProvider time, Action look, CancellationToken cancellationToken)
    {
        while (true)
        {
            look();
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
