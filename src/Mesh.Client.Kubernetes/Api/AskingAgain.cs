namespace Mesh.Client.Kubernetes.Api;

/// <summary>
/// How long to wait before what was refused is asked for again: 30 to 60 s, doubled each time, up to 5 to 10 min. Those of many
/// clients are spread.
/// </summary>
internal struct AskingAgain
{
    /// <summary>The most that a change may go unnoticed.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    /// <summary>The most before the first time.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(60);

    private int _doublings;

    public void Reset() => _doublings = 0;

    public TimeSpan Next()
    {
        TimeSpan most = First * (1 << _doublings);
        if (most < Most)
        {
            _doublings++;
        }

        return (most < Most ? most : Most) * (1 - (0.5 * Random.Shared.NextDouble()));
    }
}
