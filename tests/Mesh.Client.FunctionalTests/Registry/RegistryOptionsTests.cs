using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>What the section <c>Registry</c> must not say.</summary>
public sealed class RegistryOptionsTests
{
    [Fact]
    public async Task OneServiceUnderTwoNames_IsRefusedAtTheStart()
    {
        OptionsValidationException error = await RefusedAsync(new()
        {
            ["Registry:Services:catalog:Identities:0"] = "*",
            ["Registry:Services:catalog.default:Identities:0"] = "*",
        });

        Assert.Equal(
            "Mesh:Registry:Services:catalog.default: the same service as Mesh:Registry:Services:catalog, "
                + "catalog.default.svc.cluster.local; write its identities once",
            Assert.Single(error.Failures));
    }

    [Fact]
    public async Task NoIdentity_IsRefusedAtTheStart()
    {
        OptionsValidationException error = await RefusedAsync(new() { ["Registry:Services:catalog:Identities"] = "" });

        Assert.Equal(
            "Mesh:Registry:Services:catalog:Identities: empty; write \"*\" for any verified identity", Assert.Single(error.Failures));
    }

    private static Task<OptionsValidationException> RefusedAsync(MeshSettings settings) =>
        Assert.ThrowsAsync<OptionsValidationException>(() => RegistryHost.StartControlPlaneAsync(settings: settings));
}
