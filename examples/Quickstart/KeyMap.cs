using System.Diagnostics;

namespace Quickstart;

/// <summary>Which instance answers for each of the user keys.</summary>
internal sealed class KeyMap
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly string[] _instances;

    private KeyMap(string[] instances) => _instances = instances;

    /// <summary>Who does, by asking for each.</summary>
    public static async Task<KeyMap> AskAsync(Func<string, Task<Answer>> call)
    {
        string[] instances = new string[Tour.Keys];
        for (int i = 0; i < instances.Length; i++)
        {
            instances[i] = (await call(Tour.Key(i))).Instance;
        }

        return new KeyMap(instances);
    }

    /// <summary>Who should, by an algorithm.</summary>
    public static KeyMap Predict(Func<string, string> predict) =>
        new([.. Enumerable.Range(0, Tour.Keys).Select(i => predict(Tour.Key(i)))]);

    /// <summary>Asks until it is as expected, as word of a change takes its time; the last answer where that does not come.</summary>
    public static async Task<KeyMap> UntilAsync(KeyMap expected, Func<string, Task<Answer>> call)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            KeyMap seen = await AskAsync(call);
            if (seen.Agreeing(expected) == Tour.Keys || Stopwatch.GetElapsedTime(started) > Tour.Limit)
            {
                return seen;
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Calls until somebody answers: the instances register in the background, and a busy machine takes its time.</summary>
    public static async Task FirstAnswerAsync(Func<string, Task<Answer>> call)
    {
        for (long started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await call(Tour.Key(0));
                return;
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(started) < StartLimit)
            {
                // The call itself has waited for an endpoint.
            }
        }
    }

    public int Share(string instance) => _instances.Count(name => name == instance);

    /// <summary>How many keys are where the other map has them.</summary>
    public int Agreeing(KeyMap other) => _instances.Where((name, i) => name == other._instances[i]).Count();

    public override string ToString() =>
        string.Join("  ", _instances.CountBy(name => name).OrderBy(share => share.Key, StringComparer.Ordinal)
            .Select(share => $"{share.Key} {share.Value}"));
}
