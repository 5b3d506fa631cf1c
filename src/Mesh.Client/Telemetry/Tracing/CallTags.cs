using System.Collections;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Tracing;

/// <summary>What a span has from its beginning, and samplers may decide by. Nothing of it is made unless one asks.</summary>
internal sealed class CallTags(HttpRequestMessage request, string service, bool isGrpc) : IEnumerable<KeyValuePair<string, object?>>
{
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        Uri target = request.RequestUri!;
        if (isGrpc)
        {
            yield return new("rpc.system", "grpc");
            if (TraceNames.TryReadMethod(target, out string? rpcService, out string? rpcMethod))
            {
                yield return new("rpc.service", rpcService);
                yield return new("rpc.method", rpcMethod);
            }
        }
        else
        {
            string? known = MethodNames.Find(request.Method);
            yield return new("http.request.method", known ?? MethodNames.Other);
            if (known is null)
            {
                yield return new("http.request.method_original", request.Method.Method);
            }
        }

        yield return new("server.address", target.IdnHost);
        yield return new("server.port", target.Port);
        yield return new("mesh.service", service);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
