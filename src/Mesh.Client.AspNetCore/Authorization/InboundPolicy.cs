using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// The default policy as configuration has it now. A change that makes the options invalid is refused; the last valid ones stay.
/// </summary>
internal sealed partial class InboundPolicy : IDisposable
{
    private readonly Lock _reloading = new();
    private readonly HashSet<string> _logged = [];
    private readonly IOptionsFactory<MeshServerOptions> _factory;
    private readonly ILogger _logger;
    private readonly IDisposable[] _registrations;
    private int _current;

    /// <exception cref="OptionsValidationException">The options are invalid from the start.</exception>
    public InboundPolicy(
        IOptionsFactory<MeshServerOptions> factory,
        IEnumerable<IConfigureOptions<MeshServerOptions>> configure,
        ILogger<InboundPolicy> logger)
    {
        _factory = factory;
        _logger = logger;
        _current = (int)factory.Create(Options.DefaultName).InboundPolicy;
        _registrations =
        [
            .. configure.OfType<ServerConfigureOptions>().Select(o => ChangeToken.OnChange(o.Section.GetReloadToken, Reload)),
        ];

        // For a change between the first read and the registration.
        Reload();
    }

    public MeshInboundPolicy Current => (MeshInboundPolicy)Volatile.Read(ref _current);

    public void Dispose()
    {
        foreach (IDisposable registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Reload()
    {
        lock (_reloading)
        {
            try
            {
                MeshInboundPolicy next = _factory.Create(Options.DefaultName).InboundPolicy;
                _logged.Clear();
                if (Interlocked.Exchange(ref _current, (int)next) != (int)next)
                {
                    string name = InboundPolicyNames.Of(next);
                    LogChanged(name);
                }
            }
            catch (Exception exception)
            {
                // What the application's own configure actions throw would end the process on the thread that reloads.
                string problems = exception is OptionsValidationException invalid
                    ? string.Join(Environment.NewLine, invalid.Failures)
                    : $"{exception.GetType()}: {exception.Message}";
                if (_logged.Add(problems))
                {
                    LogRefused(problems, exception is OptionsValidationException ? null : exception);
                }
            }
        }
    }

    [LoggerMessage(EventId = 1, EventName = "InboundPolicyChanged", Level = LogLevel.Information,
        Message = "The default inbound policy is {Policy} now")]
    private partial void LogChanged(string policy);

    [LoggerMessage(EventId = 2, EventName = "ServerConfigurationRefused", Level = LogLevel.Error,
        Message = "The mesh server's changed configuration is refused and the last valid one stays in force. Correct this:\n{Problems}")]
    private partial void LogRefused(string problems, Exception? exception);
}
