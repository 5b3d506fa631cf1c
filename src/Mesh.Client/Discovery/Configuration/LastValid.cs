using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// Options that sections configure, as they are now. A change that makes them invalid is refused as a whole, and the last valid ones stay;
/// an options monitor would throw on the thread that reloads.
/// </summary>
internal sealed class LastValid<TOptions> : IDisposable
    where TOptions : class
{
    private readonly Lock _reloading = new();
    private readonly HashSet<string> _told = [];
    private readonly IOptionsFactory<TOptions> _factory;
    private readonly Action<TOptions> _take;
    private readonly Action<string, Exception?> _refuse;
    private readonly IDisposable[] _registrations = [];
    private string? _problem;
    private int _refused;

    /// <param name="factory">Makes and validates the options.</param>
    /// <param name="sections">Whose changes are followed.</param>
    /// <param name="take">Given the options at once and after each valid change, one call at a time.</param>
    /// <param name="refuse">Told of each set of mistakes once, until a change is valid; what threw otherwise comes with it.</param>
    /// <exception cref="OptionsValidationException">The options are invalid from the start.</exception>
    public LastValid(
        IOptionsFactory<TOptions> factory,
        IEnumerable<IConfigurationSection> sections,
        Action<TOptions> take,
        Action<string, Exception?> refuse)
    {
        _factory = factory;
        _take = take;
        _refuse = refuse;
        try
        {
            lock (_reloading)
            {
                // Registered before the first read, so that a change in between is seen; it waits for the lock.
                _registrations = [.. sections.Select(section => ChangeToken.OnChange(section.GetReloadToken, Reload))];
                take(factory.Create(Options.DefaultName));
            }
        }
        catch
        {
            // Outside the lock: it waits for a reload under way.
            Dispose();
            throw;
        }
    }

    /// <summary>Changes that were refused since the start.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>
    /// Why the latest change was refused; null where it was taken. Of what an application's own code threw, its type alone.
    /// </summary>
    public string? Problem => Volatile.Read(ref _problem);

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private void Reload()
    {
        lock (_reloading)
        {
            try
            {
                TOptions options = _factory.Create(Options.DefaultName);
                _told.Clear();
                _take(options);
                Volatile.Write(ref _problem, null);
            }
            catch (Exception exception)
            {
                // Whatever the application's own configure actions throw would end the process on the thread that reloads.
                string problems = exception is OptionsValidationException invalid
                    ? string.Join(Environment.NewLine, invalid.Failures)
                    : $"{exception.GetType()}: {exception.Message}";
                Volatile.Write(ref _problem, exception is OptionsValidationException ? problems : exception.GetType().Name);

                // Who sees the count sees why.
                Interlocked.Increment(ref _refused);
                if (_told.Add(problems))
                {
                    _refuse(problems, exception is OptionsValidationException ? null : exception);
                }
            }
        }
    }
}
