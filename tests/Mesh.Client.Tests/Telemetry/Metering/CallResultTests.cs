using CsCheck;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Tests.Telemetry.Metering;

public sealed class CallResultTests
{
    [Fact]
    public void Code_OfAnyResult_ReadsBack() => Gen.Select(
            Gen.Int[0, 10], Gen.Bool, Gen.Int[-1, 1022], Gen.Enum<CallErrorKind>(), Gen.Int[0, 30])
        .Sample((method, isGrpc, status, error, detail) =>
        {
            var result = new CallResult(method, isGrpc, status < 0 ? null : status, error, detail);
            Assert.Equal(result, CallResult.FromCode(result.Code));
        });

    [Fact]
    public void Failures_AllHaveAWord() => Assert.DoesNotContain(
        "_OTHER", Enum.GetValues<MeshFailure>().Select(Mesh.Client.Telemetry.MetricNames.Of));
}
