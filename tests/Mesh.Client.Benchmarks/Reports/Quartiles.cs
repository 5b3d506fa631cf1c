namespace Mesh.Client.Benchmarks.Reports;

/// <summary>The middle of a sample and how far its middle half spreads: what is told of figures that a busy machine disturbs.</summary>
internal readonly record struct Quartiles(double Lower, double Median, double Upper)
{
    /// <summary>Of a sample, which has at least one value. Between two values it interpolates linearly.</summary>
    public static Quartiles Of(IEnumerable<double> sample)
    {
        double[] sorted = [.. sample.Order()];
        return new Quartiles(At(0.25), At(0.5), At(0.75));

        double At(double share)
        {
            double place = share * (sorted.Length - 1);
            int below = (int)place;
            int above = Math.Min(below + 1, sorted.Length - 1);
            return sorted[below] + ((sorted[above] - sorted[below]) * (place - below));
        }
    }

    /// <summary>For a table: "1.04 [1.01..1.09]".</summary>
    public string ToString(string format) => FormattableString.Invariant(
        $"{Median.ToString(format, null)} [{Lower.ToString(format, null)}..{Upper.ToString(format, null)}]");
}
