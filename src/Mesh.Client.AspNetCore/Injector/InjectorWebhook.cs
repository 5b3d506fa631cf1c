using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Answers the API server. Denies no pod; what is no review of a pod is an error of HTTP with a reason.</summary>
internal sealed class InjectorWebhook(
    PodInjector injector, ReviewGate gate, InjectorMetrics metrics, InjectorLog log, TimeProvider time)
{
    /// <summary>What an API server takes for a request of its own.</summary>
    public const int MaxBody = 3 * 1024 * 1024;

    /// <summary>How long a review may take to come in: whoever asks has given up by then.</summary>
    public static readonly TimeSpan MaxBodyTime = TimeSpan.FromSeconds(10);

    public async Task HandleAsync(HttpContext context)
    {
        // Whoever reaches another endpoint need not be told that there is an injector.
        if (context.Features.Get<InjectorConnection>() is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!gate.TryEnter())
        {
            // API servers try again when they are told when.
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "TooManyRequests", "too many reviews at once")
                .ConfigureAwait(false);
            return;
        }

        try
        {
            await ReviewAsync(context).ConfigureAwait(false);
        }
        finally
        {
            gate.Leave();
        }
    }

    private async Task ReviewAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            await RefuseAsync(
                context, StatusCodes.Status415UnsupportedMediaType, "UnsupportedMediaType", "Content-Type is not application/json")
                .ConfigureAwait(false);
            return;
        }

        ReadOnlySequence<byte>? body;
        try
        {
            body = request.ContentLength > MaxBody
                ? null
                : await ReadAsync(request.BodyReader, context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await RefuseAsync(
                context, StatusCodes.Status408RequestTimeout, "Timeout",
                $"the review took longer than {MaxBodyTime.TotalSeconds} s to come")
                .ConfigureAwait(false);
            return;
        }

        if (body is null)
        {
            await RefuseAsync(
                context, StatusCodes.Status413PayloadTooLarge, "RequestEntityTooLarge", $"the review is larger than {MaxBody} bytes")
                .ConfigureAwait(false);
            return;
        }

        var output = new ArrayBufferWriter<byte>();
        string? problem = await InTurnAsync(body.Value, output, context.RequestAborted).ConfigureAwait(false);
        request.BodyReader.AdvanceTo(body.Value.End);
        if (problem is not null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "BadRequest", problem).ConfigureAwait(false);
            return;
        }

        await WriteAsync(context, StatusCodes.Status200OK, output).ConfigureAwait(false);
    }

    private async Task<string?> InTurnAsync(
        ReadOnlySequence<byte> body, ArrayBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        await gate.BeginAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return TryAnswer(body, output);
        }
        finally
        {
            gate.End();
        }
    }

    /// <summary>
    /// Null where it is longer than it may be. Whoever has it says when he has done with it: Kestrel closes a connection whose body is
    /// still being read, and the API server's next request would meet that.
    /// </summary>
    private async ValueTask<ReadOnlySequence<byte>?> ReadAsync(PipeReader body, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(MaxBodyTime, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        while (true)
        {
            ReadResult read = await body.ReadAsync(stop.Token).ConfigureAwait(false);
            if (read.Buffer.Length > MaxBody)
            {
                body.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                return read.Buffer;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <returns>Why there is no answer.</returns>
    private string? TryAnswer(ReadOnlySequence<byte> body, ArrayBufferWriter<byte> output)
    {
        try
        {
            using JsonDocument review = JsonDocument.Parse(body);
            if (AdmissionRequest.TryRead(review.RootElement, out string? problem) is not { } request)
            {
                return problem;
            }

            Answer(request, output);
            return null;
        }
        catch (JsonException exception)
        {
            return $"the body is no JSON: {exception.Message}";
        }
        catch (InvalidOperationException)
        {
            // So a text is read that cannot be one: half a surrogate pair, bytes that are no UTF-8.
            return "the body is no JSON: it holds text that is no Unicode";
        }
    }

    private void Answer(AdmissionRequest request, ArrayBufferWriter<byte> output)
    {
        Injection injection = request.IsCreation
            ? injector.Inject(request.Pod, request.Namespace)
            : new Injection(InjectorMetrics.Unchanged, []);
        AdmissionResponse.WriteAllowed(output, request.Uid, injection.Patch, injection.Warnings);
        metrics.Pod(injection.Outcome);
        string ns = PodName.Plain(request.Namespace);
        if (injection.Patch.Length > 0)
        {
            log.Injected(ns, PodName.Of(request.Pod), injection, request.IsDryRun);
        }

        if (injection.Warnings.Count > 0)
        {
            log.LeftOut(ns, PodName.Of(request.Pod), injection.Warnings);
        }
    }

    private Task RefuseAsync(HttpContext context, int status, string reason, string problem)
    {
        metrics.Pod(InjectorMetrics.Refused);
        log.Refused(problem);
        var output = new ArrayBufferWriter<byte>();
        AdmissionResponse.WriteStatus(output, status, reason, $"mesh injector: {problem}");
        return WriteAsync(context, status, output);
    }

    private static async Task WriteAsync(HttpContext context, int status, ArrayBufferWriter<byte> output)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = output.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(output.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }
}
