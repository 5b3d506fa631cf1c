using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>Answers requests for lists and watches.</summary>
internal sealed class FaultResponder(FaultServer server, Action<ApiCall> note, Action<long> count)
{
    public async Task AnswerAsync(HttpContext context)
    {
        if (Read(context.Request) is not { } call)
        {
            await StatusAsync(context, new Fault(404));
            return;
        }

        note(call);
        if (server.Token is { } token && call.Authorization != $"Bearer {token}")
        {
            await StatusAsync(context, new Fault(401, "Unauthorized"));
        }
        else if (server.OnCall?.Invoke(call) is { } fault)
        {
            await StatusAsync(context, fault);
        }
        else if (call.Verb == "discover")
        {
            string kinds = string.Join(',', server.Kinds(call.Group).Select(kind => $$"""{"name":"{{kind}}","namespaced":true}"""));
            await SendAsync(context, $$"""{"kind":"APIResourceList","apiVersion":"v1","resources":[{{kinds}}]}""");
        }
        else if (call.Verb is "create" or "update" or "patch")
        {
            await WriteAsync(context, call);
        }
        else if (call.Verb == "list")
        {
            await ListAsync(context, call);
        }
        else
        {
            await WatchAsync(context, call);
        }
    }

    private static ApiCall? Read(HttpRequest request)
    {
        // api/v1/… or apis/group/version/…, then namespaces/name/ or nothing, then the kind.
        string[] parts = request.Path.Value!.Trim('/').Split('/');
        int start = parts[0] == "api" ? 2 : 3;
        bool isDiscovery = parts.Length == start;
        bool isNamed = request.Method is "PUT" or "PATCH";
        string name = isNamed ? parts[^1] : "";
        parts = isNamed ? parts[..^1] : parts;
        bool isNamespaced = parts.Length == start + 3 && parts[start] == "namespaces";
        if (parts.Length != start + 1 && !isNamespaced && !isDiscovery)
        {
            return null;
        }

        var query = request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        string verb = request.Method switch
        {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            _ => isDiscovery ? "discover" : query.GetValueOrDefault("watch") == "true" ? "watch" : "list",
        };
        return new ApiCall(
            verb,
            parts[0] == "api" ? "" : parts[1],
            isDiscovery ? "" : parts[^1],
            isNamespaced ? parts[start + 1] : "",
            query)
        {
            Name = name,
            ContentType = request.ContentType,
            Protocol = request.Protocol,
            UserAgent = request.Headers.UserAgent,
            AcceptEncoding = request.Headers.AcceptEncoding,
            Authorization = request.Headers.Authorization,
            Certificate = request.HttpContext.Connection.ClientCertificate?.Subject,
        };
    }

    private static string StatusJson(int code, string message, string reason = "", string details = "{}") =>
        """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","""
        + $$""" "message":{{JsonSerializer.Serialize(message)}},"reason":"{{reason}}","details":{{details}},"code":{{code}}}""";

    private async Task StatusAsync(HttpContext context, Fault fault)
    {
        if (fault.Code == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        context.Response.StatusCode = fault.Code;
        if (fault.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await SendAsync(context, fault.Message is null ? $"{fault.Code} page not found" : StatusJson(fault.Code, fault.Message));
    }

    private async Task WriteAsync(HttpContext context, ApiCall call)
    {
        using var reader = new StreamReader(context.Request.Body);
        var sent = (JsonObject)JsonNode.Parse(await reader.ReadToEndAsync(context.RequestAborted))!;
        if (call.Plural == "tokenreviews")
        {
            string token = (string)sent["spec"]!["token"]!;
            string[] audiences = [.. sent["spec"]!["audiences"]!.AsArray().Select(audience => (string)audience!)];
            if (server.OnTokenReview is { } judge)
            {
                sent["status"] = JsonNode.Parse(await judge(token, audiences));
            }

            context.Response.StatusCode = 201;
            await SendAsync(context, sent.ToJsonString());
            return;
        }

        (int code, string answer) = server.HasNamespace?.Invoke(call.Namespace) == false
            ? (404, $"namespaces \"{call.Namespace}\" not found")
            : server.Store.Write(call, sent);
        if (code >= 400)
        {
            await StatusAsync(context, new Fault(code, answer));
            return;
        }

        context.Response.StatusCode = code;
        await SendAsync(context, answer);
    }

    private async Task ListAsync(HttpContext context, ApiCall call)
    {
        if (server.Store.IsAhead(call))
        {
            await GoneAsync(context, 504);
            return;
        }

        bool ignoresLimit = server.CacheIgnoresLimit && call["resourceVersion"] == "0";
        if (server.Store.List(call, ignoresLimit) is not { } page)
        {
            await StatusAsync(context, new Fault(410, "The provided continue parameter is too old to display a consistent list result."));
            return;
        }

        if (server.OnListed?.Invoke(call) is { } wait)
        {
            await wait;
        }

        string next = page.Continue is null ? "" : $$""","continue":"{{page.Continue}}","remainingItemCount":{{page.Left}}""";
        context.Response.ContentType = "application/json";
        string list = $$"""{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"{{page.Version}}"{{next}}},"items":["""
            + string.Join(',', page.Items) + "]}";
        if (server.Compresses && call.AcceptEncoding?.Contains("gzip", StringComparison.Ordinal) == true)
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await SendAsync(context, Compressed(list));
            return;
        }

        await SendAsync(context, list);
    }

    private async Task WatchAsync(HttpContext context, ApiCall call)
    {
        if (call.IsStreamedList && !server.TakesStreamedLists && !server.IgnoresStreamedLists)
        {
            await StatusAsync(context, new Fault(
                422, "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch"));
            return;
        }

        (OpenWatch? watch, int code) = server.Store.Watch(call, server.TakesStreamedLists);
        if (watch is null)
        {
            await GoneAsync(context, code);
            return;
        }

        try
        {
            await context.Response.StartAsync(context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            end.CancelAfter(TimeSpan.FromSeconds(int.Parse(call["timeoutSeconds"] ?? "600", CultureInfo.InvariantCulture)));
            await TellAsync(context, watch, end.Token);
        }
        catch (OperationCanceledException)
        {
            // Its time is up, or the client has left.
        }
        finally
        {
            server.Store.Close(watch);
        }
    }

    private async Task TellAsync(HttpContext context, OpenWatch watch, CancellationToken end)
    {
        await foreach (OpenWatch.Word word in watch.Words.ReadAllAsync(end))
        {
            switch (word.Kind)
            {
                case OpenWatch.Kind.Line:
                    await SendAsync(context, word.Text + "\n");
                    break;
                case OpenWatch.Kind.Raw:
                    await SendAsync(context, word.Text);
                    break;
                case OpenWatch.Kind.Silence:
                    await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
                    break;
                case OpenWatch.Kind.Drop:
                    await SendAsync(context, """{"type":"MODIFIED","object":{"metadata":{"name":"ha""");
                    context.Abort();
                    return;
                default:
                    return;
            }
        }
    }

    private async Task GoneAsync(HttpContext context, int code)
    {
        string status = code == 410
            ? StatusJson(410, "too old resource version: 1 (2)", "Expired")
            : StatusJson(
                504, "Too large resource version: 9, current: 1", "Timeout", """{"causes":[{"reason":"ResourceVersionTooLarge"}]}""");
        if (server.IsGoneInStream && context.Request.Query["watch"] == "true")
        {
            await SendAsync(context, $$"""{"type":"ERROR","object":{{status}}}""" + "\n");
        }
        else
        {
            context.Response.StatusCode = code;
            await SendAsync(context, status);
        }
    }

    private static byte[] Compressed(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    private Task SendAsync(HttpContext context, string text) => SendAsync(context, Encoding.UTF8.GetBytes(text));

    private async Task SendAsync(HttpContext context, byte[] bytes)
    {
        count(bytes.Length);
        int chunk = server.ChunkBytes > 0 ? server.ChunkBytes : bytes.Length;
        for (int start = 0; start < bytes.Length; start += chunk)
        {
            await context.Response.Body.WriteAsync(
                bytes.AsMemory(start, Math.Min(chunk, bytes.Length - start)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
