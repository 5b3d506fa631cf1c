using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Every rule about the injector's options; all that is wrong comes at once.</summary>
internal sealed class InjectorOptionsValidator(IServiceProvider services) : IValidateOptions<MeshInjectorOptions>
{
    // Kubernetes refuses shorter ones, and fractions.
    private static readonly TimeSpan MinToken = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MaxToken = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, MeshInjectorOptions options)
    {
        var problems = new Problems();
        problems.All.AddRange(options.ReadErrors);
        Uri? address = options.ControlPlaneAddress;
        problems.Refuse(
            address is not { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "" },
            Path(nameof(options.ControlPlaneAddress)),
            "no absolute http or https address");
        if (options.ControlPlaneIdentity is { } identity)
        {
            problems.Refuse(
                !WorkloadIdentity.TryParse(identity, out _),
                Path(nameof(options.ControlPlaneIdentity)),
                $"'{identity}' is neither a DNS name nor an absolute URI");
        }

        if (ServiceAccountIdentity.Problem(options.IdentityTemplate ?? "") is { } problem)
        {
            problems.Add(Path(nameof(options.IdentityTemplate)), problem);
        }

        problems.Refuse(
            options.IdentityMode is { } mode && !Enum.IsDefined(mode),
            Path(nameof(options.IdentityMode)),
            $"{options.IdentityMode:d} is unknown");
        Said(nameof(options.TokenAudience), options.TokenAudience);
        problems.Range<TimeSpan>(Path(nameof(options.TokenLifetime)), options.TokenLifetime, MinToken, MaxToken);
        problems.Refuse(
            options.TokenLifetime.Ticks % TimeSpan.TicksPerSecond != 0, Path(nameof(options.TokenLifetime)), "no whole seconds");
        ContainerPath(nameof(options.TokenMountPath), options.TokenMountPath);
        ContainerPath(nameof(options.TrustBundleMountPath), options.TrustBundleMountPath);
        string token = MountPaths.Normalize(options.TokenMountPath);
        string trustBundle = MountPaths.Normalize(options.TrustBundleMountPath);
        problems.Refuse(token == trustBundle, Path(nameof(options.TrustBundleMountPath)), $"the same as {nameof(options.TokenMountPath)}");
        problems.Refuse(
            token.Length > 0 && trustBundle.Length > 0
                && (MountPaths.IsBelow(token, trustBundle) || MountPaths.IsBelow(trustBundle, token)),
            Path(nameof(options.TrustBundleMountPath)),
            $"one of '{trustBundle}' and {nameof(options.TokenMountPath)} is in the other: neither can be mounted in what is read-only");
        problems.Refuse(
            WorkloadIdentity.ParseDns(options.TrustBundleConfigMap) is null,
            Path(nameof(options.TrustBundleConfigMap)),
            $"'{options.TrustBundleConfigMap}' is no name of a ConfigMap");
        problems.Refuse(
            WorkloadIdentity.ParseDns(options.ServerName) is null,
            Path(nameof(options.ServerName)),
            $"'{options.ServerName}' is no DNS name");
        problems.Refuse(
            options.CertificateFile is { } file && string.IsNullOrWhiteSpace(file),
            Path(nameof(options.CertificateFile)),
            "empty; leave it out where the authority signs");
        problems.Refuse(
            options is { PrivateKeyFile: not null, CertificateFile: null },
            Path(nameof(options.CertificateFile)),
            $"missing; {nameof(options.PrivateKeyFile)} is of no use without it");
        if (InjectorDefaults.Of(services) is { } authority)
        {
            SameAs(nameof(options.IdentityTemplate), options.IdentityTemplate, authority.IdentityTemplate);
            SameAs(nameof(options.TokenAudience), options.TokenAudience, authority.TokenAudience);
            SameAs(nameof(options.TrustBundleConfigMap), options.TrustBundleConfigMap, authority.TrustBundleConfigMap);
        }

        return problems.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.All);

        string Path(string key) => $"{options.SectionPath}:{key}";

        void Said(string key, string? value) => problems.Refuse(string.IsNullOrWhiteSpace(value), Path(key), "empty");

        void SameAs(string key, string? value, InjectedDefault other) => problems.Refuse(
            value != other.Value,
            Path(key),
            $"'{value}', and {other.Path} is '{other.Value}': the authority would refuse the pods; leave it out here");

        void ContainerPath(string key, string? value) => problems.Refuse(
            value is null || !value.StartsWith('/') || MountPaths.Normalize(value).Length < 2 || value.Contains(':')
                || value.Split('/').Contains(".."),
            Path(key),
            $"'{value}' is no absolute path of a container");
    }
}
