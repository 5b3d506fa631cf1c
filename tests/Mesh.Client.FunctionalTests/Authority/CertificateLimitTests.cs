using Grpc.Core;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Authority;

/// <summary>More certificates at once than the control plane makes.</summary>
public sealed class CertificateLimitTests
{
    private readonly HeldTokenValidator _validator = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Certificates", "1 certificates are being made, and no more at once: ask again")]
    [InlineData(
        "CertificatesPerClient",
        "127.0.0.1 asks for 1 certificates at once, and Mesh:ControlPlaneLimits:CertificatesPerClient of the control plane allows no more")]
    public async Task WhatIsBeyondTheLimit_IsRefused_AndCounted(string limit, string expected)
    {
        await using AuthorityHost host = await AuthorityHost.StartAsync(
            services => services.AddSingleton<ITokenValidator>(_validator), settings: ($"ControlPlaneLimits:{limit}", "1"));
        using AsyncUnaryCall<CertifyResponse> first = host.Client.CertifyAsync(host.Request(), cancellationToken: Stop);
        await Eventually.TrueAsync(() => _validator.Asked == 1);

        Status refusal = (await Assert.ThrowsAsync<RpcException>(
            () => host.Client.CertifyAsync(host.Request(), cancellationToken: Stop).ResponseAsync.WaitAsync(TimeSpan.FromSeconds(30), Stop))).Status;

        Assert.Equal((StatusCode.Unavailable, expected), (refusal.StatusCode, refusal.Detail));
        CertificateCounts counts = host.Services.GetRequiredService<CertificateCounts>();
        Assert.Equal((0L, 1L), (counts.Issued, counts.Refused));
        _validator.Release();
        await first;
        await host.Client.CertifyAsync(host.Request(), cancellationToken: Stop);
        Assert.Equal((2L, 1L, 2), (counts.Issued, counts.Refused, _validator.Asked));
        await Eventually.TrueAsync(() => host.Services.GetRequiredService<ControlPlaneLoad>().Clients == 0);
    }
}
