using System.Collections.Concurrent;
using Grpc.Core;

namespace Mesh.Client.FunctionalTests.Grpc;

/// <summary>Answers as it is asked, and keeps what calls came with.</summary>
internal sealed class ProbeService(string name) : Probe.ProbeBase
{
    public ConcurrentQueue<Metadata> Received { get; } = [];

    public ConcurrentBag<string> Connections { get; } = [];

    public override Task<ProbeReply> Who(ProbeRequest request, ServerCallContext context)
    {
        Received.Enqueue(context.RequestHeaders);
        Connections.Add(context.GetHttpContext().Connection.Id);
        context.ResponseTrailers.Add("x-trailer", name);
        return request.Status == 0
            ? Task.FromResult(Reply(request))
            : throw new RpcException(new Status((StatusCode)request.Status, "as asked"));
    }

    public override async Task Download(ProbeRequest request, IServerStreamWriter<ProbeReply> responseStream, ServerCallContext context)
    {
        for (int i = 0; i < request.Count; i++)
        {
            await responseStream.WriteAsync(Reply(request), context.CancellationToken);
        }

        if (request.Count == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        }
    }

    public override async Task<ProbeReply> Upload(IAsyncStreamReader<ProbeRequest> requestStream, ServerCallContext context)
    {
        int count = 0;
        await foreach (ProbeRequest _ in requestStream.ReadAllAsync(context.CancellationToken))
        {
            count++;
        }

        return new ProbeReply { Name = name, Key = $"{count}" };
    }

    public override async Task Chat(
        IAsyncStreamReader<ProbeRequest> requestStream, IServerStreamWriter<ProbeReply> responseStream, ServerCallContext context)
    {
        await foreach (ProbeRequest request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(Reply(request), context.CancellationToken);
        }
    }

    private ProbeReply Reply(ProbeRequest request) => new() { Name = name, Key = request.Key };
}
