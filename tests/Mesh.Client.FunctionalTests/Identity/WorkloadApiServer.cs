using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Mesh.Client.Identity;
using Mesh.Client.Identity.Protocol;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Identity;

/// <summary>A Workload API on a real Unix socket. Each stream gets the latest message of its kind, then those that follow.</summary>
internal sealed class WorkloadApiServer : SpiffeWorkloadAPI.SpiffeWorkloadAPIBase
{
    private readonly ConcurrentDictionary<Channel<IMessage>, bool> _streams = new();
    private X509SVIDResponse? _svids;
    private X509BundlesResponse? _bundles;

    /// <summary>Thrown in place of the streams.</summary>
    public Status? Failure { get; set; }

    /// <summary>Serves identities only.</summary>
    public bool IsOld { get; set; }

    public async Task<WebApplication> StartAsync(string path)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton(this).AddGrpc();
        WebApplication app = builder.Build();
        app.MapGrpcService<WorkloadApiServer>();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    public static X509SVID Svid(Credential credential, TestCa ca) => new()
    {
        SpiffeId = credential.Identities[0].Name,
        X509Svid = ByteString.CopyFrom([.. credential.Leaf.RawData, .. credential.Intermediates.SelectMany(c => c.RawData)]),
        X509SvidKey = ByteString.CopyFrom(TestCa.KeyDer(credential)),
        Bundle = ByteString.CopyFrom(ca.Root.RawData),
    };

    public void Say(X509SVIDResponse message)
    {
        Volatile.Write(ref _svids, message);
        Tell(message);
    }

    public void Say(X509BundlesResponse message)
    {
        Volatile.Write(ref _bundles, message);
        Tell(message);
    }

    public override Task FetchX509SVID(
        X509SVIDRequest request, IServerStreamWriter<X509SVIDResponse> responseStream, ServerCallContext context) =>
        StreamAsync(() => Volatile.Read(ref _svids), responseStream, context);

    public override Task FetchX509Bundles(
        X509BundlesRequest request, IServerStreamWriter<X509BundlesResponse> responseStream, ServerCallContext context) =>
        IsOld
            ? throw new RpcException(new Status(StatusCode.Unimplemented, ""))
            : StreamAsync(() => Volatile.Read(ref _bundles), responseStream, context);

    private void Tell(IMessage message)
    {
        foreach (Channel<IMessage> stream in _streams.Keys)
        {
            stream.Writer.TryWrite(message);
        }
    }

    private async Task StreamAsync<T>(Func<T?> latest, IServerStreamWriter<T> responseStream, ServerCallContext context)
        where T : class, IMessage
    {
        if (context.RequestHeaders.GetValue("workload.spiffe.io") != "true")
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "security header missing from request"));
        }

        if (Failure is { } failure)
        {
            throw new RpcException(failure);
        }

        var channel = Channel.CreateUnbounded<IMessage>();
        _streams[channel] = true;
        try
        {
            if (latest() is { } first)
            {
                await responseStream.WriteAsync(first, context.CancellationToken);
            }

            await foreach (IMessage message in channel.Reader.ReadAllAsync(context.CancellationToken))
            {
                if (message is T mine)
                {
                    await responseStream.WriteAsync(mine, context.CancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The caller has left.
        }
        finally
        {
            _streams.TryRemove(channel, out _);
        }
    }
}
