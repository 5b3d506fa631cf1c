using System.Globalization;
using System.Text;
using Mesh.Client.Telemetry.Status;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Answers requests for the status.</summary>
internal sealed class StatusHandlers
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 1_000;

    // Made once the host has started: the mesh does not start for being looked at before the host does.
    private readonly Lazy<StatusSource> _source;
    private readonly Lazy<StatusEvents> _events;

    /// <param name="services">The application's.</param>
    /// <param name="policy">Whom the status lets in, as code says where it is mapped; null: code says nothing there.</param>
    public StatusHandlers(IServiceProvider services, string? policy)
    {
        _source = new(() => new StatusSource(services, policy));
        _events = new(() => new StatusEvents(services));

        // Whoever looks first may do so because a change was refused.
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => _source.Value.ReadSettings());
    }

    /// <summary>Who follows events now.</summary>
    public int Readers => _events.Value.Readers;

    public Task OverviewAsync(HttpContext context) => AnswerAsync(context, () => _source.Value.Read(), StatusText.Overview);

    public Task ServiceAsync(HttpContext context) => TryPage(context.Request, out int offset, out int limit)
        ? AnswerAsync(context, () => _source.Value.Read(Name(context), offset, limit), status => StatusText.Service(status, offset))
        : RefuseAsync(context, BadPage);

    public Task OverviewEventsAsync(HttpContext context) => _events.Value.SendAsync(context, default, _source.Value.Read);

    public Task ServiceEventsAsync(HttpContext context)
    {
        if (!TryPage(context.Request, out int offset, out int limit))
        {
            return RefuseAsync(context, BadPage);
        }

        return _source.Value.NameOf(Name(context)) is { } name
            ? _events.Value.SendAsync(context, new StatusQuery(name, offset, limit), _source.Value.Read)
            : NotFoundAsync(context);
    }

    private const string BadPage = "offset is a number from 0 on, limit one from 1 to 1000.\n";

    private static string Name(HttpContext context) => (string)context.GetRouteValue("name")!;

    private async Task AnswerAsync(HttpContext context, Func<MeshStatus?> read, Func<MeshStatus, string> write)
    {
        Prepare(context.Response);
        switch (StatusNegotiation.Of(context.Request))
        {
            case StatusFace.Html:
                context.Response.ContentType = "text/html; charset=utf-8";
                context.Response.Headers.ContentSecurityPolicy = StatusPage.ContentSecurityPolicy;
                await WriteAsync(context, StatusPage.Document).ConfigureAwait(false);
                break;
            case StatusFace.Json when read() is { } status:
                context.Response.ContentType = "application/json; charset=utf-8";
                await WriteAsync(context, StatusJson.Write(status)).ConfigureAwait(false);
                break;
            case StatusFace.Text when read() is { } status:
                context.Response.ContentType = "text/plain; charset=utf-8";
                await WriteAsync(context, Encoding.UTF8.GetBytes(write(status))).ConfigureAwait(false);
                break;
            case null:
                await RefuseAsync(context, "format is text, json or html.\n").ConfigureAwait(false);
                break;
            default:
                await NotFoundAsync(context).ConfigureAwait(false);
                break;
        }
    }

    private static void Prepare(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = "Accept";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return TellAsync(context, why);
    }

    private Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        string[] names = [.. _source.Value.Names().Take(MaxLimit)];
        return TellAsync(context, names.Length == 0
            ? "There are no services yet.\n"
            : $"There is no such service. There are:\n{string.Join('\n', names)}\n");
    }

    private static Task TellAsync(HttpContext context, string text)
    {
        Prepare(context.Response);
        context.Response.ContentType = "text/plain; charset=utf-8";
        return WriteAsync(context, Encoding.UTF8.GetBytes(text));
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static bool TryPage(HttpRequest request, out int offset, out int limit)
    {
        limit = DefaultLimit;
        return TryNumber(request.Query["offset"], 0, out offset)
            && TryNumber(request.Query["limit"], DefaultLimit, out limit)
            && limit is >= 1 and <= MaxLimit;
    }

    private static bool TryNumber(string? text, int otherwise, out int number)
    {
        number = otherwise;
        return text is null || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
