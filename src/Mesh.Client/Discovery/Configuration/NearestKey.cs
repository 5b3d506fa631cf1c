namespace Mesh.Client.Discovery.Configuration;

/// <summary>Finds the key that a mistyped one was meant to be.</summary>
internal static class NearestKey
{
    /// <summary>The known key with the fewest edits, when they are few for its length; otherwise null.</summary>
    public static string? Of(string key, IEnumerable<string> known)
    {
        (string? Key, int Edits) best = (null, int.MaxValue);
        foreach (string candidate in known)
        {
            int edits = Edits(key, candidate);
            if (edits < best.Edits && edits <= (candidate.Length + 1) / 3)
            {
                best = (candidate, edits);
            }
        }

        return best.Key;
    }

    /// <summary>Levenshtein's distance, upper and lower case alike.</summary>
    private static int Edits(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int replaced = diagonal + (char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
