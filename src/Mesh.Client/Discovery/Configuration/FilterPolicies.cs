using System.Collections.Immutable;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Makes filters of what was written for them. Expects valid options.</summary>
internal static class FilterPolicies
{
    /// <param name="filters">In order.</param>
    /// <param name="names">For mirrors.</param>
    /// <param name="service">Whose calls they are for.</param>
    public static ImmutableArray<RouteFilter> Of(IEnumerable<MeshFilterOptions>? filters, ServiceNames names, ServiceName service) =>
        [.. (filters ?? []).Select(filter => Of(filter, names, service))];

    private static RouteFilter Of(MeshFilterOptions filter, ServiceNames names, ServiceName service) => filter switch
    {
        { RequestHeaders: { } headers } => Headers(headers, onResponse: false),
        { ResponseHeaders: { } headers } => Headers(headers, onResponse: true),
        { Rewrite: { } rewrite } => new RewriteFilter(rewrite.Host, Path(rewrite.Path, rewrite.PathPrefix)),
        { Redirect: { } redirect } => new RedirectFilter(
            LowerCase(redirect.Scheme), redirect.Host, redirect.Port, Path(redirect.Path, redirect.PathPrefix), redirect.Status),
        { Fault: { } fault } => new FaultFilter(Abort(fault.Abort), Delay(fault.Delay), fault.MaxActive),
        { Mirror: { } mirror } => new MirrorFilter(
            BackendNames.Resolve(names, mirror.Service, service.Port), mirror.Ratio, mirror.MaxBodyBytes),
        _ => throw new InvalidOperationException("A filter without a part passed validation."),
    };

    private static HeaderFilter Headers(MeshHeaderChangeOptions headers, bool onResponse) => new(onResponse)
    {
        Add = [.. headers.Add.Select(header => new HeaderValue(header.Key, header.Value))],
        Set = [.. headers.Set.Select(header => new HeaderValue(header.Key, header.Value))],
        Remove = [.. headers.Remove ?? []],
    };

    private static PathChange? Path(string? whole, string? prefix) =>
        whole is not null ? new PathChange(IsPrefix: false, whole)
        : prefix is not null ? new PathChange(IsPrefix: true, prefix.Length == 0 ? "/" : prefix)
        : null;

    private static FaultAbort? Abort(MeshFaultAbortOptions? abort) =>
        abort is null ? null : new FaultAbort(abort.Status, (int?)abort.GrpcStatus, abort.Message, abort.Ratio);

    private static FaultDelay? Delay(MeshFaultDelayOptions? delay) =>
        delay is null ? null : new FaultDelay(delay.Fixed, delay.Header, delay.Ratio);

    private static string? LowerCase(string? scheme) =>
        string.Equals(scheme, Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase) ? Uri.UriSchemeHttps
        : scheme is null ? null
        : Uri.UriSchemeHttp;
}
