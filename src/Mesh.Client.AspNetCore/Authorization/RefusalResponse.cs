using Microsoft.AspNetCore.Http;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>What a refused caller is told: what it lacks, never who may.</summary>
internal static class RefusalResponse
{
    private const string Grpc = "application/grpc";
    private const string NoIdentity = "Forbidden: this connection has no verified mesh identity.";
    private const string OtherIdentity = "Forbidden: the mesh identity of this connection may not call this.";

    public static Task WriteAsync(HttpContext context, bool hasIdentity)
    {
        HttpResponse response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        response.Clear();
        string message = hasIdentity ? OtherIdentity : NoIdentity;
        if (context.Request.ContentType is { } type && type.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase))
        {
            // Trailers only: gRPC reads the status from the headers of a response without a body.
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = type.StartsWith("application/grpc-web-text", StringComparison.OrdinalIgnoreCase)
                ? "application/grpc-web-text"
                : type.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase) ? "application/grpc-web" : Grpc;
            response.Headers["grpc-status"] = "7";
            response.Headers["grpc-message"] = message;
            return Task.CompletedTask;
        }

        response.StatusCode = StatusCodes.Status403Forbidden;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.WriteAsync(message + "\n", context.RequestAborted);
    }
}
