using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration.Writing;

/// <summary>Finds what of a service's policy in force its source gives.</summary>
internal static class SaidSettings
{
    private static readonly ServiceNames Nothing = new(new MeshClientOptions());

    /// <summary>
    /// Settings that the source changes, in place of the defaults of configuration and of what is built in, and that nobody says for the
    /// service itself.
    /// </summary>
    /// <param name="names">Configuration.</param>
    /// <param name="service">Whose policy.</param>
    /// <param name="said">What its source says of it.</param>
    public static IReadOnlyList<Setting> Of(ServiceNames names, ServiceName service, TrafficPolicy said)
    {
        Dictionary<string, Setting> without = Write(names, service, said: null);
        Dictionary<string, Setting> builtIn = Write(Nothing, service, said: null);
        Dictionary<string, Setting> alone = Write(Nothing, service, said);
        HashSet<string> own = Own(names, service);
        string prefix = Prefix(names, service);
        return
        [
            .. Write(names, service, said).Values
                .Where(setting => !own.Contains(setting.Path))
                .Where(setting => !Says(without, setting) || (Says(alone, setting) && !Says(builtIn, setting)))
                .Select(setting => setting with { Path = prefix + setting.Path }),
        ];
    }

    private static Dictionary<string, Setting> Write(ServiceNames names, ServiceName service, TrafficPolicy? said) =>
        PolicyWriter.Write(ServicePolicies.Of(names, service, said)).All.ToDictionary(setting => setting.Path);

    private static bool Says(Dictionary<string, Setting> settings, Setting setting) =>
        settings.TryGetValue(setting.Path, out Setting? found) && found.Says(setting);

    // A list that configuration writes entry by entry is one setting of a policy.
    private static HashSet<string> Own(ServiceNames names, ServiceName service)
    {
        var own = new SettingList();
        foreach (MeshServiceOptions layer in names.Layers(service).Own.Given)
        {
            ServiceWriter.Write(own, layer);
        }

        return [.. own.All.Select(setting => setting.Path.Split(":[", 2)[0])];
    }

    // As it would be said of this port alone: that is whom the source was asked for.
    private static string Prefix(ServiceNames names, ServiceName service) =>
        $"{nameof(MeshClientOptions.Services)}:{names.KeyOf(service.Host)}:{nameof(MeshServiceOptions.Ports)}:{service.Port}:";
}
