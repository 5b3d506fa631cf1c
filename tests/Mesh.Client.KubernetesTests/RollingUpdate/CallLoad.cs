using System.Collections.Concurrent;
using System.Net;

namespace Mesh.Client.KubernetesTests.RollingUpdate;

/// <summary>Callers that call one after the other, GET and POST in turn, half of them over HTTP/2, until they are told to end.</summary>
internal sealed class CallLoad(HttpClient client, Uri http1, Uri http2)
{
    private readonly ConcurrentQueue<string> _failed = [];
    private readonly ConcurrentQueue<string> _posts = [];
    private Task[] _callers = [];
    private int _calls;
    private int _repeated;
    private volatile bool _isOver;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>How many calls took more than one attempt.</summary>
    public int Repeated => _repeated;

    public string[] Failed => [.. _failed];

    /// <summary>The ids of all calls by POST.</summary>
    public string[] Posts => [.. _posts];

    public void Start(int callers) =>
        _callers = [.. Enumerable.Range(0, callers).Select(caller => Task.Run(() => RunAsync(caller)))];

    public Task EndAsync()
    {
        _isOver = true;
        return Task.WhenAll(_callers);
    }

    private async Task RunAsync(int caller)
    {
        for (int turn = 0; !_isOver; turn++)
        {
            bool isPost = turn % 2 == 0;
            string id = $"{caller}-{turn}";
            using var request = new HttpRequestMessage(
                isPost ? HttpMethod.Post : HttpMethod.Get,
                new Uri(caller % 2 == 0 ? http1 : http2, isPost ? $"/execute/{id}" : "/who"))
            {
                Version = caller % 2 == 0 ? HttpVersion.Version11 : HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = isPost ? new StringContent(id) : null,
            };
            if (isPost)
            {
                _posts.Enqueue(id);
            }

            await CallAsync(request);
        }
    }

    private async Task CallAsync(HttpRequestMessage request)
    {
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request);
            Interlocked.Add(ref _repeated, response.GetMeshCallInfo()!.Attempts.Count > 1 ? 1 : 0);
            if (!response.IsSuccessStatusCode)
            {
                _failed.Enqueue($"{request}: {(int)response.StatusCode}");
            }
        }
        catch (Exception exception)
        {
            _failed.Enqueue($"{request.Method} {request.RequestUri}: {exception}");
        }

        Interlocked.Increment(ref _calls);
    }
}
