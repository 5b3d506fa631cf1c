using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Grpc;

/// <summary>
/// One gRPC instance on a real Kestrel. It counts its calls, and ends each with the status that the request or the test names.
/// </summary>
internal sealed class ScriptedProbe : Probe.ProbeBase, IAsyncDisposable
{
    private InProcessServer _server = null!;
    private int _calls;

    public string Address => _server.Address.Authority;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Ends every call with this, whatever the request says.</summary>
    public StatusCode? Always { get; set; }

    /// <summary>Trailers of a failure.</summary>
    public Metadata Trailers { get; } = [];

    /// <summary>While not null, calls wait for it (or for their cancellation) before they end.</summary>
    public Task? Hold { get; set; }

    public static async Task<ScriptedProbe> StartAsync(StatusCode? always = null)
    {
        var probe = new ScriptedProbe { Always = always };
        probe._server = await InProcessServer.StartAsync(
            services =>
            {
                services.AddGrpc();
                services.AddSingleton(probe);
            },
            app => app.MapGrpcService<ScriptedProbe>());
        return probe;
    }

    public override async Task<ProbeReply> Who(ProbeRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref _calls);
        await EndAsync(request, context);
        return Reply(request);
    }

    public override async Task Download(ProbeRequest request, IServerStreamWriter<ProbeReply> responseStream, ServerCallContext context)
    {
        Interlocked.Increment(ref _calls);
        for (int i = 0; i < request.Count; i++)
        {
            await responseStream.WriteAsync(Reply(request), context.CancellationToken);
        }

        await EndAsync(request, context);
    }

    public override async Task<ProbeReply> Upload(IAsyncStreamReader<ProbeRequest> requestStream, ServerCallContext context)
    {
        Interlocked.Increment(ref _calls);
        string keys = "";
        var last = new ProbeRequest();
        await foreach (ProbeRequest request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            keys += request.Key;
            last = request;
            if (request.Status != 0 || Always is not null)
            {
                break;
            }
        }

        await EndAsync(last, context);
        return new ProbeReply { Name = Address, Key = keys };
    }

    public override async Task Chat(
        IAsyncStreamReader<ProbeRequest> requestStream, IServerStreamWriter<ProbeReply> responseStream, ServerCallContext context)
    {
        Interlocked.Increment(ref _calls);
        await foreach (ProbeRequest request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await EndAsync(request, context);
            await responseStream.WriteAsync(Reply(request), context.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task EndAsync(ProbeRequest request, ServerCallContext context)
    {
        if (Hold is { } hold)
        {
            await hold.WaitAsync(context.CancellationToken);
        }

        StatusCode status = Always ?? (StatusCode)request.Status;
        if (status != StatusCode.OK)
        {
            throw new RpcException(new Status(status, "scripted"), Trailers);
        }
    }

    private ProbeReply Reply(ProbeRequest request) => new() { Name = Address, Key = request.Key };
}
