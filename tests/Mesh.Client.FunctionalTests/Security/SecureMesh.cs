using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Names, and a client of the service <c>catalog</c> whose endpoints have identities.</summary>
internal static class SecureMesh
{
    public const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    public const string Catalog = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";

    public static Task<MeshHost> StartClientAsync(
        ManualCredentials credentials,
        IEnumerable<MeshEndpointOptions> endpoints,
        Action<MeshServiceOptions>? catalog = null,
        MeshIdentityMode mode = MeshIdentityMode.Permissive,
        TimeProvider? time = null,
        FakeTimeProvider? clock = null) =>
        MeshHost.StartCatalogAsync(
            [],
            service =>
            {
                service.Endpoints = [.. endpoints];
                catalog?.Invoke(service);
            },
            clock,
            services => services.AddSingleton(new CredentialStore(_ => credentials, mode, time ?? clock ?? TimeProvider.System)));

    /// <summary>A clock that stands still at the real time until it is moved.</summary>
    public static FakeTimeProvider StandingClock() => new(DateTimeOffset.UtcNow);

    /// <summary>Moves the clock past what a call waits, until the call has ended.</summary>
    public static Task EndsAsync(this Task call, FakeTimeProvider clock) => Eventually.TrueAsync(() =>
    {
        clock.Advance(TimeSpan.FromMilliseconds(100));
        return call.IsCompleted;
    });

    public static MeshEndpointOptions At(int port, string? identity = Catalog, Framing? framing = null) =>
        new() { Address = $"127.0.0.1:{port}", Identity = identity, Framing = framing };

    /// <summary>A source with a fresh credential.</summary>
    public static ManualCredentials Issue(this TestCa ca, string identity, params TestCa[] trusted) =>
        new(ca.Issue([identity]), TestCa.TrustOf(trusted.Length == 0 ? [ca] : trusted));
}
