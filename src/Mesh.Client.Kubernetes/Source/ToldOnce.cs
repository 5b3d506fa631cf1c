namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// What was told, so that it is told once. It may be about names that clients choose: after so many nothing further is told.
/// </summary>
internal sealed class ToldOnce<T>
    where T : notnull
{
    public const int Most = 1000;

    private readonly Lock _lock = new();
    private readonly HashSet<T> _told = [];

    public bool IsNew(T what)
    {
        lock (_lock)
        {
            return _told.Count < Most && _told.Add(what);
        }
    }
}
