using System.Globalization;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Mesh.Client.FunctionalTests.Grpc;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>
/// Counts what servers executed, by caller and turn. It holds all the memory that it needs from the start, so that it may be used where
/// memory is watched. As an interceptor it answers every unary call itself.
/// </summary>
internal sealed class ExecutedIds(int callers) : Interceptor
{
    private const int MaxTurns = 1 << 17;

    private readonly byte[][] _times = [.. Enumerable.Range(0, callers).Select(_ => new byte[MaxTurns])];

    public static string Id(int caller, int turn) => string.Create(CultureInfo.InvariantCulture, $"{caller}-{turn}");

    public void Record(string id)
    {
        int dash = id.IndexOf('-', StringComparison.Ordinal);
        byte[] row = _times[int.Parse(id.AsSpan(0, dash), CultureInfo.InvariantCulture)];
        int turn = int.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture);
        lock (row)
        {
            row[turn]++;
        }
    }

    public int Times(int caller, int turn)
    {
        lock (_times[caller])
        {
            return _times[caller][turn];
        }
    }

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        string id = ((ProbeRequest)(object)request).Key;
        Record(id);
        return Task.FromResult((TResponse)(object)new ProbeReply { Key = id });
    }
}
