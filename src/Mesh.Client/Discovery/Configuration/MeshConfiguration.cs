using System.Runtime.CompilerServices;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// The last valid options. A change that makes them invalid is refused as a whole; an options monitor would throw on the thread
/// that reloads.
/// </summary>
internal sealed partial class MeshConfiguration : IDisposable
{
    private readonly Lock _reloading = new();
    private readonly HashSet<string> _logged = [];
    private readonly IOptionsFactory<MeshClientOptions> _factory;
    private readonly ILogger _logger;
    private readonly IDisposable[] _registrations;
    private readonly Pulse _changed = new();
    private ServiceNames _names;
    private int _refused;

    /// <exception cref="OptionsValidationException">The options are invalid from the start.</exception>
    public MeshConfiguration(
        IOptionsFactory<MeshClientOptions> factory,
        IEnumerable<IConfigureOptions<MeshClientOptions>> configure,
        ILogger<MeshConfiguration> logger)
    {
        _factory = factory;
        _logger = logger;
        _registrations = [];
        try
        {
            lock (_reloading)
            {
                // Registered before the first read, so that a change in between is seen; it waits for the lock.
                _registrations =
                [
                    .. configure.OfType<MeshConfigureOptions>().Select(o => ChangeToken.OnChange(o.Section.GetReloadToken, Reload)),
                ];
                _names = new ServiceNames(factory.Create(Options.DefaultName));
            }
        }
        catch
        {
            // Outside the lock: it waits for a reload under way.
            Dispose();
            throw;
        }
    }

    public MeshClientOptions Current => Names.Options;

    /// <summary>The current options, seen by service.</summary>
    public ServiceNames Names => Volatile.Read(ref _names);

    /// <summary>Completes at the next change. Take it before reading what may change.</summary>
    public Task Changed => _changed.Signalled;

    /// <summary>Changes that were refused since the start.</summary>
    public int RefusedReloads => Volatile.Read(ref _refused);

    /// <summary>What is read from the options now and after each change that makes it different.</summary>
    public async IAsyncEnumerable<T> WatchAsync<T>(
        Func<ServiceNames, T> read, IEqualityComparer<T> comparer, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        T? last = null;
        while (true)
        {
            Task changed = Changed;
            T now = read(Names);
            if (!comparer.Equals(last, now))
            {
                last = now;
                yield return now;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

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
                MeshClientOptions before = Current;
                Volatile.Write(ref _names, new ServiceNames(_factory.Create(Options.DefaultName)));
                _logged.Clear();
                if (!FixedOptions.AreSame(before, Current))
                {
                    LogNeedsRestart(Current.SectionPath);
                }
            }
            catch (Exception exception)
            {
                // Whatever the application's own configure actions throw would end the process on the thread that reloads.
                Refuse(exception);
                return;
            }
        }

        _changed.Signal();
    }

    private void Refuse(Exception exception)
    {
        Interlocked.Increment(ref _refused);
        string problems = exception is OptionsValidationException invalid
            ? string.Join(Environment.NewLine, invalid.Failures)
            : $"{exception.GetType()}: {exception.Message}";
        if (_logged.Add(problems))
        {
            LogRefused(problems, exception is OptionsValidationException ? null : exception);
        }
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
        Message = "{Section}:Identity or {Section}:ControlPlane was changed. They are read at the start only: restart for that to hold.")]
    private partial void LogNeedsRestart(string section);
}
