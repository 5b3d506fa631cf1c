using System.Diagnostics.Metrics;
using System.Numerics;

namespace Mesh.Client.Telemetry.Metering;

/// <summary>What an observable instrument tells at one collection: so many measurements, and one for all others.</summary>
internal static class CappedObservation
{
    /// <summary>Of amounts: what comes beyond is their sum.</summary>
    public static IEnumerable<Measurement<T>> Sum<T>(IEnumerable<Measurement<T>> all, int most = AttributeCap.Default)
        where T : struct, INumber<T> => Limit(all, most, static (one, other) => one + other);

    /// <summary>Of levels: what comes beyond is the highest of them.</summary>
    public static IEnumerable<Measurement<T>> Highest<T>(IEnumerable<Measurement<T>> all, int most = AttributeCap.Default)
        where T : struct, INumber<T> => Limit(all, most, T.Max);

    private static IEnumerable<Measurement<T>> Limit<T>(IEnumerable<Measurement<T>> all, int most, Func<T, T, T> combine)
        where T : struct, INumber<T>
    {
        int count = 0;
        T? beyond = null;
        foreach (Measurement<T> measurement in all)
        {
            if (count < most)
            {
                count++;
                yield return measurement;
            }
            else
            {
                beyond = beyond is { } before ? combine(before, measurement.Value) : measurement.Value;
            }
        }

        if (beyond is { } rest)
        {
            yield return new Measurement<T>(rest, AttributeCap.Overflow);
        }
    }
}
