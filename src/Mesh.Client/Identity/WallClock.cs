namespace Mesh.Client.Identity;

/// <summary>Waits for moments that certificates name.</summary>
internal static class WallClock
{
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(1);

    /// <summary>Waits in short steps: a machine may sleep through what a timer counts, or its clock may be set.</summary>
    public static async Task UntilAsync(TimeProvider time, DateTimeOffset moment, CancellationToken cancellationToken)
    {
        while (moment - time.GetUtcNow() is { } left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < LongestStep ? left : LongestStep, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
