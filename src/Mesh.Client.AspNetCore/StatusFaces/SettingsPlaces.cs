using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Mesh.Client.AspNetCore.Injector;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Configuration.Writing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>All places that settings of this process are in.</summary>
internal static class SettingsPlaces
{
    /// <param name="services">The application's.</param>
    /// <param name="policy">Whom the status lets in, as code says where it is mapped; null: code says nothing there.</param>
    public static IEnumerable<SettingsPlace> Of(IServiceProvider services, string? policy)
    {
        IConfigurationSection[] mesh = MeshSections(services);
        yield return Client(services.GetRequiredService<MeshConfiguration>(), mesh);
        yield return Status(services.GetRequiredService<IOptions<MeshStatusOptions>>().Value, mesh, policy);
        if (services.GetService<InboundPolicy>() is { } inbound)
        {
            MeshServerOptions started = services.GetRequiredService<IOptions<MeshServerOptions>>().Value;
            IConfigurationSection[] sections = Sections<MeshServerOptions, ServerConfigureOptions>(services, options => options.Section);
            yield return Server(inbound, started, sections);
        }

        if (services.GetService<MeshAuthority>() is not null)
        {
            yield return Fixed(
                services.GetRequiredService<IOptions<MeshAuthorityOptions>>().Value,
                options => options.SectionPath,
                Sections<MeshAuthorityOptions, AuthorityConfigureOptions>(services, options => options.Section),
                (section, options) => new AuthorityConfigureOptions(section).Configure(options),
                ServerWriter.Write);
        }

        if (services.GetService<ServiceRegistry>() is not null)
        {
            yield return Fixed(
                services.GetRequiredService<IOptions<MeshRegistryOptions>>().Value,
                options => options.SectionPath,
                Sections<MeshRegistryOptions, RegistryConfigureOptions>(services, options => options.Section),
                (section, options) => new RegistryConfigureOptions(section).Configure(options),
                ServerWriter.Write);
        }

        if (services.GetService<PodInjector>() is not null)
        {
            yield return Fixed(
                services.GetRequiredService<IOptions<MeshInjectorOptions>>().Value,
                options => options.SectionPath,
                Sections<MeshInjectorOptions, InjectorConfigureOptions>(services, options => options.Section),
                (section, options) => new InjectorConfigureOptions(section).Configure(options),
                ServerWriter.Write);
        }

        foreach (SettingsPlace place in services.GetServices<SettingsPlace>())
        {
            yield return place;
        }

        if (services.GetService<ControlPlaneLoad>() is not null)
        {
            yield return Fixed(
                services.GetRequiredService<IOptions<MeshControlPlaneLimitOptions>>().Value,
                options => options.SectionPath,
                Sections<MeshControlPlaneLimitOptions, LimitConfigureOptions>(services, options => options.Section),
                (section, options) => new LimitConfigureOptions(section).Configure(options),
                ServerWriter.Write);
        }
    }

    public static IConfigurationSection[] MeshSections(IServiceProvider services) =>
        Sections<MeshClientOptions, MeshConfigureOptions>(services, options => options.Section);

    private static IConfigurationSection[] Sections<TOptions, TConfigure>(
        IServiceProvider services, Func<TConfigure, IConfigurationSection> section)
        where TOptions : class =>
        [.. services.GetServices<IConfigureOptions<TOptions>>().OfType<TConfigure>().Select(section)];

    private static SettingsPlace Client(MeshConfiguration configuration, IConfigurationSection[] sections) => new(
        () => configuration.Current.SectionPath,
        sections,
        () => configuration.Names,
        () => configuration.Problem is not null,
        () => configuration.RefusedReloads,
        () => OptionsWriter.Write(configuration.Current, configuration.Started),
        static section =>
        {
            var said = new MeshClientOptions();
            OptionsReader.Read(section, said);
            return OptionsWriter.Write(said, said);
        },
        setting => (setting.IsFixed ? configuration.Started : configuration.Current).Filled.Contains(setting.Path));

    private static SettingsPlace Server(InboundPolicy inbound, MeshServerOptions started, IConfigurationSection[] sections) => new(
        () => started.SectionPath,
        sections,
        () => inbound.Options,
        () => inbound.Problem is not null,
        () => inbound.RefusedReloads,
        () => ServerWriter.Write(inbound.Options, started),
        static section =>
        {
            var said = new MeshServerOptions();
            new ServerConfigureOptions(section).Configure(said);
            return ServerWriter.Write(said, said);
        });

    private static SettingsPlace Status(MeshStatusOptions options, IConfigurationSection[] mesh, string? policy)
    {
        string path = mesh.LastOrDefault() is { } last ? $"{last.Path}:{StatusSection.Name}" : nameof(MeshStatusOptions);
        var inForce = new MeshStatusOptions
        {
            AuthorizationPolicy = policy ?? options.AuthorizationPolicy,
            HidePaths = options.HidePaths,
        };
        return Fixed(
            inForce,
            _ => path,
            [.. mesh.Select(section => section.GetSection(StatusSection.Name))],
            StatusSection.Read,
            ServerWriter.Write);
    }

    /// <summary>Options that are read at the start only. Packages register theirs.</summary>
    public static SettingsPlace Fixed<TOptions>(
        TOptions options,
        Func<TOptions, string> path,
        IConfigurationSection[] sections,
        Action<IConfigurationSection, TOptions> read,
        Action<SettingList, TOptions> write)
        where TOptions : class, new()
    {
        return new SettingsPlace(() => path(options), sections, () => options, () => false, () => 0, () => Write(options), Read);

        SettingList Read(IConfigurationSection section)
        {
            var said = new TOptions();
            read(section, said);
            return Write(said);
        }

        SettingList Write(TOptions written)
        {
            var all = new SettingList();
            write(all.FromTheStart, written);
            return all;
        }
    }
}
