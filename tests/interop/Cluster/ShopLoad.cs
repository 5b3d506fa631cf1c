using System.Collections.Concurrent;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>Users who ask the front end again and again, until they are told to end.</summary>
internal sealed class ShopLoad(ShopCluster cluster)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<string> _failed = [];
    private Task[] _users = [];
    private int _calls;
    private volatile bool _isOver;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What was answered without an item and a review.</summary>
    public string[] Failed => [.. _failed];

    public void Start(int users) => _users = [.. Enumerable.Range(0, users).Select(user => Task.Run(() => RunAsync($"user-{user}")))];

    public Task EndAsync()
    {
        _isOver = true;
        return Task.WhenAll(_users);
    }

    private async Task RunAsync(string user)
    {
        while (!_isOver)
        {
            string answer;
            try
            {
                answer = await cluster.AskAsync(user);
            }
            catch (Exception exception)
            {
                answer = exception.ToString();
            }

            if (!answer.Contains("; reviews v", StringComparison.Ordinal))
            {
                _failed.Enqueue(answer);
            }

            Interlocked.Increment(ref _calls);
            await Task.Delay(Pause);
        }
    }
}
