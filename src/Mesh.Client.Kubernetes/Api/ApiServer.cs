using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using k8s;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>The way to one API server: one for each process. Its requests carry the credential, which no error and no log names.</summary>
internal sealed class ApiServer : IDisposable
{
    private const int MaxStatusBytes = 64 * 1024;
    private const int MaxObjectBytes = 4 * 1024 * 1024;
    private const int MaxDiscoveryBytes = 4 * 1024 * 1024;

    private static readonly string Agent = $"mesh-client/{typeof(ApiServer).Assembly.GetName().Version?.ToString(3)}";

    private readonly ConcurrentDictionary<(string Group, string Version), ApiGroup> _groups = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly ApiConnections _connections;
    private readonly ApiCredential _credential;
    private readonly Uri _base;
    private readonly string? _tlsName;
    private readonly bool _mayUseHttp2;
    private volatile bool _spokeHttp1;

    /// <param name="configuration">In-cluster, or of a kubeconfig.</param>
    /// <param name="time">Measures how long answers take.</param>
    /// <param name="streams">Counts what is watched; null: nobody asks.</param>
    /// <param name="timeouts">Null: the defaults.</param>
    /// <param name="authorities">The file that the configuration's authorities are of, where it has one: it is read anew.</param>
    /// <exception cref="ArgumentException">The configuration names no server.</exception>
    public ApiServer(
        KubernetesClientConfiguration configuration,
        TimeProvider time,
        ControlPlaneStreams? streams = null,
        ApiTimeouts? timeouts = null,
        string? authorities = null)
    {
        if (!Uri.TryCreate(configuration.Host, UriKind.Absolute, out Uri? host) || host.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException("The Kubernetes configuration names no API server by http or https.", nameof(configuration));
        }

        _base = new Uri(host.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
        _tlsName = string.IsNullOrEmpty(configuration.TlsServerName) ? null : configuration.TlsServerName;
        Address = host;
        Time = time;
        Timeouts = timeouts ?? new ApiTimeouts();
        StreamedLists = new StreamedLists(time);
        Name = $"Kubernetes {ControlPlaneAddress.Text(host)}";
        Streams = streams ?? new ControlPlaneStreams(ControlPlaneAddress.Text(host));
        _mayUseHttp2 = host.Scheme == Uri.UriSchemeHttps && !configuration.DisableHttp2;
        _spokeHttp1 = !_mayUseHttp2;
        _credential = new ApiCredential(configuration);
        _connections = new ApiConnections(configuration, authorities, Timeouts, time);
    }

    public Uri Address { get; }

    /// <summary>In words: <c>Kubernetes https://10.0.0.1:443</c>.</summary>
    public string Name { get; }

    public ControlPlaneStreams Streams { get; }

    public ApiTimeouts Timeouts { get; }

    public TimeProvider Time { get; }

    /// <summary>Whether watches are to be short: as far as is known the server does not speak HTTP/2.</summary>
    public bool WantsShortWatches => _spokeHttp1;

    /// <summary>What may be had as the beginning of a watch.</summary>
    public StreamedLists StreamedLists { get; }

    /// <summary>Cancelled by <see cref="Dispose"/>.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Where to wait for kinds that are not served.</summary>
    public ApiGroup Group(string group, string version) =>
        _groups.GetOrAdd((group, version), static (key, server) => new ApiGroup(server, key.Group, key.Version), this);

    /// <summary>The kinds of a group, by their plurals: none where it is not served.</summary>
    /// <exception cref="ApiException"/>
    public async Task<HashSet<string>> KindsAsync(string group, string version, CancellationToken cancellationToken)
    {
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            string uri = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
            HttpResponseMessage response = await SendAsync(
                new ApiResource(group, version, "kinds", ""), "get", uri, cancellationToken).ConfigureAwait(false);
            ApiStream stream = await ApiStream.OpenAsync(response, Timeouts.Answer, Time, cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                ReadOnlySequence<byte> sent = await stream.ReadAllAsync(MaxDiscoveryBytes).ConfigureAwait(false);
                using JsonDocument answer = JsonDocument.Parse(sent);
                foreach (JsonElement kind in answer.RootElement.GetProperty("resources").EnumerateArray())
                {
                    kinds.Add(JsonText.Of(kind, "name") ?? "");
                }
            }
        }
        catch (ApiException exception) when (exception.Failure is ApiFailure.NotServed)
        {
            // None, then.
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ApiException(ApiFailure.Failed, "its answer is no list of kinds", cause: exception);
        }

        return kinds;
    }

    /// <summary>One page of a list.</summary>
    /// <exception cref="ApiException"/>
    public async Task<ApiPage> ListAsync(ApiResource resource, string uri, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(resource, "list", uri, cancellationToken).ConfigureAwait(false);
        ApiStream stream = await ApiStream.OpenAsync(response, Timeouts.Answer, Time, cancellationToken).ConfigureAwait(false);
        return await ApiPage.ReadAsync(stream).ConfigureAwait(false);
    }

    /// <summary>A watch, of which the head has come.</summary>
    /// <param name="resource">What is watched.</param>
    /// <param name="uri">How.</param>
    /// <param name="lasts">So long the server was asked to keep it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ApiException"/>
    public async Task<ApiStream> WatchAsync(ApiResource resource, string uri, TimeSpan lasts, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(resource, "watch", uri, cancellationToken).ConfigureAwait(false);
        TimeSpan patience = response.Version.Major < 2 ? Timeouts.Silence : lasts + Timeouts.Grace;
        return await ApiStream.OpenAsync(response, patience, Time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has something made, changed or judged.</summary>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="write">What. Its content is in no error and no log.</param>
    /// <param name="cancellationToken">The caller has left.</param>
    /// <exception cref="ApiException"/>
    public async Task<T> WriteAsync<T>(ApiWrite write, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(write.Resource, write.Verb, write.Uri, cancellationToken, write)
            .ConfigureAwait(false);
        ApiStream stream = await ApiStream.OpenAsync(response, Timeouts.Answer, Time, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            ReadOnlySequence<byte> sent = await stream.ReadAllAsync(MaxObjectBytes).ConfigureAwait(false);
            try
            {
                using JsonDocument answer = JsonDocument.Parse(sent);
                return KubernetesJson.Deserialize<T>(answer.RootElement)
                    ?? throw new ApiException(ApiFailure.Failed, $"its answer to '{write.Verb}' on {write.Resource.Name} is empty");
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or NotSupportedException)
            {
                // Without the cause: what was answered may be secret.
                throw new ApiException(ApiFailure.Failed, $"its answer to '{write.Verb}' on {write.Resource.Name} makes no sense");
            }
        }
    }

    /// <summary>Ends what is open.</summary>
    public void Dispose()
    {
        _closed.Cancel();
        _connections.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(
        ApiResource resource, string verb, string uri, CancellationToken cancellationToken, ApiWrite? write = null)
    {
        using var patience = new CancellationTokenSource(Timeouts.Answer, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using HttpRequestMessage request = await RequestAsync(uri, either.Token).ConfigureAwait(false);
            write?.Fill(request);
            if (verb == "list")
            {
                // Servers compress long ones. Watches are not to be: what compresses may hold events back.
                request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
            }

            HttpResponseMessage response = await _connections.Current().SendAsync(request, either.Token).ConfigureAwait(false);
            _spokeHttp1 = response.Version.Major < 2;
            return response.IsSuccessStatusCode
                ? response
                : throw await RefusedAsync(response, resource, verb, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiException(
                ApiFailure.Unreachable,
                patience.IsCancellationRequested
                    ? $"it did not answer within {Timeouts.Answer.TotalSeconds:0} s"
                    : "the request was cancelled");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            _connections.Suspect();
            throw ApiStream.Lost(exception);
        }
    }

    private async ValueTask<HttpRequestMessage> RequestAsync(string uri, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_base, uri))
        {
            Version = _mayUseHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Authorization = await _credential.GetAsync(cancellationToken).ConfigureAwait(false);

        // SocketsHttpHandler verifies a certificate by no other name.
        request.Headers.Host = _tlsName;
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", Agent);
        return request;
    }

    private async Task<ApiException> RefusedAsync(
        HttpResponseMessage response, ApiResource resource, string verb, CancellationToken cancellationToken)
    {
        using (response)
        {
            int code = (int)response.StatusCode;
            var status = new ApiStatus(code, "");
            try
            {
                await response.Content.LoadIntoBufferAsync(MaxStatusBytes, cancellationToken).ConfigureAwait(false);
                using JsonDocument body = JsonDocument.Parse(
                    await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
                status = ApiStatus.Read(code, body.RootElement) with { Code = code };
            }
            catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
            {
                // The code says enough.
            }

            return ApiErrors.Of(status, resource, verb, RetryAfter(response));
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } date } when date > Time.GetUtcNow() => date - Time.GetUtcNow(),
        _ => null,
    };
}
