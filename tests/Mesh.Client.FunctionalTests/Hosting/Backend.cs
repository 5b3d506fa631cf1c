using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>One instance of a service: a real Kestrel with one handler for everything, which counts and keeps what it was sent.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly InProcessServer _server;
    private readonly List<string> _bodies;

    private Backend(InProcessServer server, List<string> bodies)
    {
        _server = server;
        _bodies = bodies;
    }

    /// <summary><c>127.0.0.1:port</c>.</summary>
    public string Address => _server.Address.Authority;

    /// <summary>Requests so far.</summary>
    public int Hits => Bodies.Length;

    /// <summary>What was sent with them.</summary>
    public string[] Bodies
    {
        get
        {
            lock (_bodies)
            {
                return [.. _bodies];
            }
        }
    }

    /// <param name="handler">Answers; the body was read. Null answers 200 with "ok".</param>
    /// <param name="protocols">HTTP/1.1 unless told otherwise.</param>
    public static async Task<Backend> StartAsync(RequestDelegate? handler = null, HttpProtocols protocols = HttpProtocols.Http1)
    {
        handler ??= context => context.Response.WriteAsync("ok");
        List<string> bodies = [];
        InProcessServer server = await InProcessServer.StartAsync(
            null,
            app => app.Run(async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                string body = await reader.ReadToEndAsync(context.RequestAborted);
                lock (bodies)
                {
                    bodies.Add(body);
                }

                await handler(context);
            }),
            protocols: protocols);
        return new Backend(server, bodies);
    }

    /// <summary>An instance that answers everything with one status.</summary>
    public static Task<Backend> StartAsync(int status, string? body = null) => StartAsync(context =>
    {
        context.Response.StatusCode = status;
        return body == "" ? Task.CompletedTask : context.Response.WriteAsync(body ?? $"status {status}");
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
