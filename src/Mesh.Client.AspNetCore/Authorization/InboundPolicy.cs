using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>The default policy as configuration has it now.</summary>
internal sealed partial class InboundPolicy : IDisposable
{
    private const int Unread = -1;

    private readonly ILogger _logger;
    private readonly LastValid<MeshServerOptions> _options;
    private MeshServerOptions? _taken;
    private int _current = Unread;

    /// <exception cref="OptionsValidationException">The options are invalid from the start.</exception>
    public InboundPolicy(
        IOptionsFactory<MeshServerOptions> factory,
        IEnumerable<IConfigureOptions<MeshServerOptions>> configure,
        ILogger<InboundPolicy> logger)
    {
        _logger = logger;
        IEnumerable<IConfigurationSection> sections = configure.OfType<ServerConfigureOptions>().Select(options => options.Section);
        _options = new LastValid<MeshServerOptions>(factory, sections, Take, LogRefused);
    }

    public MeshInboundPolicy Current => (MeshInboundPolicy)Volatile.Read(ref _current);

    /// <summary>The options that the policy is from. Their other settings hold from the next start on.</summary>
    public MeshServerOptions Options => Volatile.Read(ref _taken)!;

    /// <summary>Changes that were refused since the start.</summary>
    public int RefusedReloads => _options.Refused;

    /// <summary>Why the latest change was refused; null where it was taken.</summary>
    public string? Problem => _options.Problem;

    public void Dispose() => _options.Dispose();

    private void Take(MeshServerOptions options)
    {
        Volatile.Write(ref _taken, options);
        int before = Interlocked.Exchange(ref _current, (int)options.InboundPolicy);
        if (before != Unread && before != (int)options.InboundPolicy)
        {
            string name = InboundPolicyNames.Of(options.InboundPolicy);
            LogChanged(name);
        }
    }

    [LoggerMessage(EventId = 1, EventName = "InboundPolicyChanged", Level = LogLevel.Information,
        Message = "The default inbound policy is {Policy} now")]
    private partial void LogChanged(string policy);

    [LoggerMessage(EventId = 2, EventName = "ServerConfigurationRefused", Level = LogLevel.Error,
        Message = "The mesh server's changed configuration is refused and the last valid one stays in force. Correct this:\n{Problems}")]
    private partial void LogRefused(string problems, Exception? exception);
}
