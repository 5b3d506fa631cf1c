namespace Mesh.Client.Discovery.Configuration;

/// <summary>The rules for <c>Filters</c>: which may stand where, and beside which.</summary>
internal sealed class FilterRules(MeshClientOptions options, Problems problems)
{
    private readonly FilterPartRules _parts = new(options, problems);

    /// <param name="path">Of the list.</param>
    /// <param name="filters">In order.</param>
    /// <param name="noPrefix">Why a part of the path cannot be replaced here; null: it can.</param>
    /// <param name="noRedirect">Why there can be no redirect here; null: there can.</param>
    public void Validate(string path, IList<MeshFilterOptions>? filters, string? noPrefix, string? noRedirect)
    {
        var seen = new Dictionary<string, string>();
        for (int i = 0; i < (filters?.Count ?? 0); i++)
        {
            string at = $"{path}:{i}";
            string[] kinds = KindsOf(filters![i]);
            if (kinds.Length != 1)
            {
                problems.Missing(true, at, "needs exactly one of RequestHeaders, ResponseHeaders, Rewrite, Redirect, Fault and Mirror");
                continue;
            }

            ValidatePlace($"{at}:{kinds[0]}", kinds[0], filters[i], noPrefix, noRedirect);
            ValidateNeighbours($"{at}:{kinds[0]}", kinds[0], seen);
            _parts.Validate($"{at}:{kinds[0]}", filters[i]);
        }
    }

    private void ValidatePlace(string at, string kind, MeshFilterOptions filter, string? noPrefix, string? noRedirect)
    {
        if (noRedirect is not null && kind is nameof(filter.Redirect))
        {
            problems.Add(at, noRedirect);
        }
        else if (noPrefix is not null && (filter.Rewrite?.PathPrefix ?? filter.Redirect?.PathPrefix) is not null)
        {
            problems.Add($"{at}:{nameof(filter.Rewrite.PathPrefix)}", noPrefix);
        }
    }

    private void ValidateNeighbours(string at, string kind, Dictionary<string, string> seen)
    {
        bool repeats = kind is nameof(MeshFilterOptions.Fault) or nameof(MeshFilterOptions.Mirror);
        if (!repeats && !seen.TryAdd(kind, at))
        {
            problems.Add(at, $"is given at {seen[kind]} already, and holds once");
            return;
        }

        string? other = kind switch
        {
            nameof(MeshFilterOptions.Rewrite) => nameof(MeshFilterOptions.Redirect),
            nameof(MeshFilterOptions.Redirect) => nameof(MeshFilterOptions.Rewrite),
            _ => null,
        };
        if (other is not null && seen.TryGetValue(other, out string? beside))
        {
            problems.Add(at, $"not together with {beside}: a call is either sent or redirected");
        }
    }

    private static string[] KindsOf(MeshFilterOptions? filter)
    {
        string?[] kinds =
        [
            filter?.RequestHeaders is null ? null : nameof(filter.RequestHeaders),
            filter?.ResponseHeaders is null ? null : nameof(filter.ResponseHeaders),
            filter?.Rewrite is null ? null : nameof(filter.Rewrite),
            filter?.Redirect is null ? null : nameof(filter.Redirect),
            filter?.Fault is null ? null : nameof(filter.Fault),
            filter?.Mirror is null ? null : nameof(filter.Mirror),
        ];
        return [.. kinds.OfType<string>()];
    }
}
