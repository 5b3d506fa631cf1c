namespace Mesh.Client.Discovery.Configuration;

/// <summary>Collects what is wrong, each with its path.</summary>
internal sealed class Problems
{
    public List<string> All { get; } = [];

    public void Add(string path, string problem) => All.Add($"{path}: {problem}");

    public void Refuse(bool refused, string path, string problem)
    {
        if (refused)
        {
            Add(path, problem);
        }
    }

    /// <summary>Adds that something is missing, unless it is because what is there could not be read, which has been told.</summary>
    public void Missing(bool missing, string path, string problem) =>
        Refuse(missing && !All.Exists(told => told.StartsWith($"{path}:", StringComparison.OrdinalIgnoreCase)), path, problem);

    /// <summary>Adds a problem when a value is set and outside its range; what is no number is outside.</summary>
    public void Range<T>(string path, T? value, T least, T most)
        where T : struct, IComparable<T>
    {
        if (value is { } given && !(given.CompareTo(least) >= 0 && given.CompareTo(most) <= 0))
        {
            Add(path, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{given} is not from {least} to {most}"));
        }
    }

    public void AtLeast(string path, int? value, int least)
    {
        if (value < least)
        {
            Add(path, $"{value} is below {least}");
        }
    }

    public void Positive(string path, TimeSpan? value)
    {
        if (value <= TimeSpan.Zero)
        {
            Add(path, $"{value:c} is not above zero");
        }
    }
}
