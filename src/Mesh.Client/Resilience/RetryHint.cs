namespace Mesh.Client.Resilience;

/// <summary>What a server said about being asked again.</summary>
/// <param name="Kind">Nothing, wait, or never.</param>
/// <param name="Delay">How long to wait at least; zero unless <see cref="RetryHintKind.Wait"/>.</param>
internal readonly record struct RetryHint(RetryHintKind Kind, TimeSpan Delay)
{
    /// <summary>The server said nothing that could be understood.</summary>
    public static readonly RetryHint None;

    /// <summary>The server asks not to be asked again.</summary>
    public static readonly RetryHint Never = new(RetryHintKind.Never, TimeSpan.Zero);

    public static RetryHint Wait(TimeSpan delay) => new(RetryHintKind.Wait, delay);
}
