using Mesh.Client.Model;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>The last valid options of the mesh, and their changes.</summary>
internal sealed partial class MeshConfiguration : IDisposable
{
    private readonly ILogger _logger;
    private readonly LastValid<MeshClientOptions> _options;
    private readonly Pulse _changed = new();
    private ServiceNames? _names;

    /// <exception cref="OptionsValidationException">The options are invalid from the start.</exception>
    public MeshConfiguration(
        IOptionsFactory<MeshClientOptions> factory,
        IEnumerable<IConfigureOptions<MeshClientOptions>> configure,
        ILogger<MeshConfiguration> logger)
    {
        _logger = logger;
        IEnumerable<IConfigurationSection> sections = configure.OfType<MeshConfigureOptions>().Select(options => options.Section);
        _options = new LastValid<MeshClientOptions>(factory, sections, Take, LogRefused);
    }

    public MeshClientOptions Current => Names.Options;

    /// <summary>Those of the start, for what is read then only.</summary>
    public MeshClientOptions Started { get; private set; } = null!;

    /// <summary>The current options, seen by service.</summary>
    public ServiceNames Names => Volatile.Read(ref _names)!;

    /// <summary>Completes at the next change. Take it before reading what may change.</summary>
    public Task Changed => _changed.Signalled;

    /// <summary>Changes that were refused since the start.</summary>
    public int RefusedReloads => _options.Refused;

    /// <summary>Why the latest change was refused; null where it was taken.</summary>
    public string? Problem => _options.Problem;

    public void Dispose() => _options.Dispose();

    private void Take(MeshClientOptions options)
    {
        Started ??= options;
        MeshClientOptions? before = Volatile.Read(ref _names)?.Options;
        Volatile.Write(ref _names, new ServiceNames(options));
        if (before is not null && !FixedOptions.AreSame(before, options))
        {
            LogNeedsRestart(options.SectionPath);
        }

        _changed.Signal();
    }

    [LoggerMessage(
        EventId = 1,
        EventName = "ConfigurationRefused",
        Level = LogLevel.Error,
        Message = "The changed mesh configuration is refused and the last valid one stays in force. Correct this:\n{Problems}")]
    private partial void LogRefused(string problems, Exception? exception);

    [LoggerMessage(
        EventId = 2,
        EventName = "RestartNeeded",
        Level = LogLevel.Warning,
        Message = "{Section}:Identity, {Section}:ControlPlane, {Section}:Linkerd or {Section}:Telemetry:LinkerdNames was changed. "
            + "They are read at the start only: restart for that to hold.")]
    private partial void LogNeedsRestart(string section);
}
