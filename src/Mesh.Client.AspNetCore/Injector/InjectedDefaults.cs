namespace Mesh.Client.AspNetCore.Injector;

/// <summary>
/// What the authority of this process expects of workloads; absent where it has no such expectations. The injector's settings default to
/// it, and must not say anything else: its pods would be refused.
/// </summary>
internal sealed record InjectedDefaults(
    InjectedDefault IdentityTemplate, InjectedDefault TokenAudience, InjectedDefault TrustBundleConfigMap);
