namespace Mesh.Client.Discovery.Configuration.Writing;

/// <summary>
/// Options as the settings that say them, <see cref="OptionsReader"/>'s way back. By hand, as that is: a test holds it to every option
/// that there is.
/// </summary>
internal static class OptionsWriter
{
    private static readonly MeshClientOptions BuiltIn = new();

    /// <summary>What is in force.</summary>
    /// <param name="current">The options now.</param>
    /// <param name="started">Those of the start, for what is read then only.</param>
    public static SettingList Write(MeshClientOptions current, MeshClientOptions started)
    {
        var all = new SettingList();
        WriteFixed(all.FromTheStart, started);
        WriteChanging(all, current);
        return all;
    }

    /// <summary>The paths of what somebody said.</summary>
    public static IEnumerable<string> WriteSaid(MeshClientOptions options) =>
        Write(options, options).All.Where(setting => !setting.IsBuiltIn).Select(setting => setting.Path);

    private static void WriteFixed(SettingList at, MeshClientOptions options)
    {
        at.Child(nameof(options.ControlPlane), options.ControlPlane, WriteControlPlane, isBuiltIn: true);
        at.Child(nameof(options.Linkerd), options.Linkerd, WriteLinkerd);
        at.Child(nameof(options.Identity), options.Identity, WriteIdentity);
        string names = $"{nameof(options.Telemetry)}:{nameof(options.Telemetry.LinkerdNames)}";
        at.Add(names, options.Telemetry.LinkerdNames, BuiltIn.Telemetry.LinkerdNames);
    }

    private static void WriteChanging(SettingList at, MeshClientOptions options)
    {
        at.Add(nameof(options.Namespace), options.Namespace, BuiltIn.Namespace);
        at.Add(nameof(options.ClusterDomain), options.ClusterDomain, BuiltIn.ClusterDomain);
        at.Texts(nameof(options.Domains), options.Domains, isBuiltIn: true);
        string accessLog = $"{nameof(options.Telemetry)}:{nameof(options.Telemetry.AccessLog)}";
        at.Add(accessLog, options.Telemetry.AccessLog, BuiltIn.Telemetry.AccessLog);
        at.Add(nameof(options.UnknownServices), options.UnknownServices, BuiltIn.UnknownServices);
        at.Child(nameof(options.Defaults), options.Defaults, ServiceWriter.Write, isBuiltIn: true);
        at.Entries(nameof(options.Services), options.Services, ServiceWriter.Write);
    }

    private static void WriteControlPlane(SettingList at, MeshControlPlaneOptions options)
    {
        at.Add(nameof(options.Address), options.Address);
        at.Add(nameof(options.Identity), options.Identity);
        at.Add(nameof(options.Policies), options.Policies, BuiltIn.ControlPlane.Policies);
    }

    private static void WriteLinkerd(SettingList at, MeshLinkerdOptions options)
    {
        at.Add(nameof(options.Enabled), options.Enabled, BuiltIn.Linkerd.Enabled);
        at.Add(nameof(options.ControlPlaneNamespace), options.ControlPlaneNamespace, BuiltIn.Linkerd.ControlPlaneNamespace);
        at.Add(nameof(options.TrustDomain), options.TrustDomain);
        at.Child(nameof(options.Destination), options.Destination, WriteControlPlane, isBuiltIn: true);
        at.Child(nameof(options.Policy), options.Policy, WriteControlPlane, isBuiltIn: true);
        at.Child(nameof(options.Identity), options.Identity, WriteControlPlane, isBuiltIn: true);
        at.Add(nameof(options.ServiceAccount), options.ServiceAccount);
        at.Add(nameof(options.Pod), options.Pod);
        at.Add(nameof(options.Node), options.Node);
        at.Add(nameof(options.Addresses), options.Addresses, BuiltIn.Linkerd.Addresses);
        at.Add(nameof(options.UpgradeHttp1), options.UpgradeHttp1, BuiltIn.Linkerd.UpgradeHttp1);
    }

    private static void WriteIdentity(SettingList at, MeshIdentityOptions options)
    {
        at.Add(nameof(options.Source), options.Source, BuiltIn.Identity.Source);
        at.Add(nameof(options.Mode), options.Mode, BuiltIn.Identity.Mode);
        at.Add(nameof(options.CertificateFile), options.CertificateFile);
        at.Add(nameof(options.PrivateKeyFile), options.PrivateKeyFile);
        at.Add(nameof(options.TrustBundle), options.TrustBundle);
        at.Add(nameof(options.TokenFile), options.TokenFile);
        at.Add(nameof(options.Name), options.Name);
        at.Add(nameof(options.Socket), options.Socket);
    }
}
