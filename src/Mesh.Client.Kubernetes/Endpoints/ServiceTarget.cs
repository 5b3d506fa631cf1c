using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>What a host name of the cluster's DNS names.</summary>
/// <param name="Namespace">Of the Service.</param>
/// <param name="Name">Of the Service.</param>
internal sealed record ServiceTarget(string Namespace, string Name)
{
    private const string ImportDomain = "svc.clusterset.local";

    /// <summary>One endpoint of the Service by its own name, as pods of a StatefulSet have it: <c>web-0.web.shop.svc…</c>.</summary>
    public string? Instance { get; private init; }

    /// <summary>A port by its name: <c>_grpc.catalog.shop.svc…</c>. Null: the number that is called.</summary>
    public string? PortName { get; private init; }

    /// <summary>A ServiceImport of the multi-cluster API: <c>catalog.shop.svc.clusterset.local</c>.</summary>
    public bool IsImport { get; private init; }

    /// <summary>Of both kinds, the label of their slices that names them.</summary>
    public string SliceLabel => IsImport ? "multicluster.kubernetes.io/service-name" : "kubernetes.io/service-name";

    /// <summary>For problems: <c>Service shop/catalog</c>.</summary>
    public override string ToString() => $"{(IsImport ? "ServiceImport" : "Service")} {Namespace}/{Name}";

    /// <param name="service">Canonical.</param>
    /// <param name="clusterDomain">What the names of its Services end with, after <c>svc</c>.</param>
    /// <param name="target">What is named.</param>
    public static bool TryParse(ServiceName service, string clusterDomain, [NotNullWhen(true)] out ServiceTarget? target)
    {
        bool isImport = service.Host.EndsWith($".{ImportDomain}", StringComparison.OrdinalIgnoreCase);
        string suffix = isImport ? $".{ImportDomain}" : $".svc.{clusterDomain}";
        string[] labels = service.Host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
            ? service.Host[..^suffix.Length].Split('.')
            : [];
        target = labels switch
        {
            [var name, var ns] => new ServiceTarget(ns, name) { IsImport = isImport },
            [['_', .. { Length: > 0 } port], var name, var ns] => new ServiceTarget(ns, name) { IsImport = isImport, PortName = port },
            [var instance, var name, var ns] when !isImport => new ServiceTarget(ns, name) { Instance = instance },
            _ => null,
        };
        return target is { Name: not ['_', ..] and not "", Namespace: not "" };
    }
}
