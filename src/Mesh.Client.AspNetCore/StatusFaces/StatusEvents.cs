using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>
/// Server-sent events: a status once a second, for as long as the reader stays and the application runs. A slow reader gets fewer. After
/// a while it has to ask again: it may not be allowed to any more.
/// </summary>
internal sealed class StatusEvents(IServiceProvider services)
{
    /// <summary>Readers at once.</summary>
    public const int MaxReaders = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly CancellationToken _stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default;
    private readonly SharedStatus _shared = new(services.GetRequiredService<TimeProvider>());
    private int _readers;

    /// <summary>Readers now.</summary>
    public int Readers => Volatile.Read(ref _readers);

    /// <param name="context">Of who reads.</param>
    /// <param name="query">What.</param>
    /// <param name="read">Makes it, as JSON; null: what it was of is gone, and the stream ends.</param>
    public async Task SendAsync(HttpContext context, StatusQuery query, Func<StatusQuery, byte[]?> read)
    {
        HttpResponse response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (Interlocked.Increment(ref _readers) > MaxReaders)
        {
            Interlocked.Decrement(ref _readers);
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        try
        {
            response.ContentType = "text/event-stream";

            // Also through a proxy that would collect it.
            response.Headers["X-Accel-Buffering"] = "no";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping);
                using SharedStatus.Reader reader = _shared.Follow(query, read);
                await SendAsync(response.Body, reader, end.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested || _stopping.IsCancellationRequested)
        {
            // The reader left, or the application stops: either way it ends here.
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private async Task SendAsync(Stream body, SharedStatus.Reader reader, CancellationToken end)
    {
        long began = _time.GetTimestamp();
        while (reader.Read() is { } json)
        {
            await body.WriteAsync("event: status\ndata: "u8.ToArray(), end).ConfigureAwait(false);
            await body.WriteAsync(json, end).ConfigureAwait(false);
            await body.WriteAsync("\n\n"u8.ToArray(), end).ConfigureAwait(false);
            await body.FlushAsync(end).ConfigureAwait(false);
            await Task.Delay(Interval, _time, end).ConfigureAwait(false);
            if (_time.GetElapsedTime(began) >= Lifetime)
            {
                await body.WriteAsync("event: again\ndata: {}\n\n"u8.ToArray(), end).ConfigureAwait(false);
                await body.FlushAsync(end).ConfigureAwait(false);
                return;
            }
        }
    }
}
