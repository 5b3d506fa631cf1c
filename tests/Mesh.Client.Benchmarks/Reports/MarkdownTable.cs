namespace Mesh.Client.Benchmarks.Reports;

/// <summary>A table as docs/performance.md has them: the first column is words, the others are figures.</summary>
internal sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public MarkdownTable Add(params string[] cells)
    {
        _rows.Add(cells);
        return this;
    }

    public void Write(TextWriter to)
    {
        int[] widths = [.. columns.Select((column, i) => Math.Max(4, _rows.Select(row => row[i].Length).Append(column.Length).Max()))];
        Row(columns);
        to.WriteLine($"|{string.Join("|", widths.Select((width, i) => i == 0 ? new string('-', width + 2) : new string('-', width + 1) + ":"))}|");
        _rows.ForEach(Row);
        to.WriteLine();

        void Row(string[] cells) =>
            to.WriteLine($"| {string.Join(" | ", cells.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])))} |");
    }
}
