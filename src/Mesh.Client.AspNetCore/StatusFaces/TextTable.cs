using System.Text;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Columns of text, as wide as their widest cell, under a headline; numbers to the right.</summary>
/// <param name="headline">Names of the columns; those that begin with <c>&gt;</c> hold numbers.</param>
internal sealed class TextTable(params string[] headline)
{
    private const int Gap = 2;

    private readonly List<string[]> _rows = [];

    public void Add(params string?[] cells) => _rows.Add(Array.ConvertAll(cells, TextWords.Plain));

    /// <summary>Nothing where there is no row.</summary>
    public void WriteTo(StringBuilder text)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        string[] names = Array.ConvertAll(headline, name => name.TrimStart('>'));
        int[] widths = Array.ConvertAll(names, name => name.Length);
        foreach (string[] row in _rows)
        {
            for (int i = 0; i < widths.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        Write(text, names, widths);
        _rows.ForEach(row => Write(text, row, widths));
    }

    private void Write(StringBuilder text, string[] cells, int[] widths)
    {
        int begin = text.Length;
        for (int i = 0; i < widths.Length; i++)
        {
            text.Append(headline[i][0] == '>' ? cells[i].PadLeft(widths[i]) : cells[i].PadRight(widths[i])).Append(' ', Gap);
        }

        int end = text.Length;
        while (end > begin && text[end - 1] == ' ')
        {
            end--;
        }

        text.Length = end;
        text.Append('\n');
    }
}
