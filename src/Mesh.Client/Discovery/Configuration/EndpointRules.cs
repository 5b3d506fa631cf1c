using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

internal static class EndpointRules
{
    public static void Validate(string path, IList<MeshEndpointOptions>? endpoints, Problems problems)
    {
        var seen = new Dictionary<string, string>();
        for (int i = 0; i < (endpoints?.Count ?? 0); i++)
        {
            string at = $"{path}:{i}";
            if (endpoints![i] is not { } endpoint)
            {
                problems.Add(at, "is null");
                continue;
            }

            ValidateAddress($"{at}:{nameof(endpoint.Address)}", endpoint.Address, seen, problems);
            problems.Range<int>($"{at}:{nameof(endpoint.Weight)}", endpoint.Weight, 1, 1_000_000);
            problems.AtLeast($"{at}:{nameof(endpoint.Priority)}", endpoint.Priority, 0);
            NotEmpty($"{at}:{nameof(endpoint.Zone)}", endpoint.Zone, problems);
            NotEmpty($"{at}:{nameof(endpoint.HashKey)}", endpoint.HashKey, problems);
        }
    }

    private static void ValidateAddress(string path, string? text, Dictionary<string, string> seen, Problems problems)
    {
        if (string.IsNullOrEmpty(text))
        {
            problems.Add(path, "missing; write host:port, such as 127.0.0.1:5001");
        }
        else if (!EndpointAddress.TryParse(text, out EndpointAddress? address))
        {
            problems.Add(path, $"'{text}' is no host:port, such as 127.0.0.1:5001, [::1]:5001 or catalog.internal:5001");
        }
        else if (!seen.TryAdd(address.Text, path))
        {
            problems.Add(path, $"{address.Text} is also at {seen[address.Text]}");
        }
    }

    private static void NotEmpty(string path, string? value, Problems problems)
    {
        if (value is "")
        {
            problems.Add(path, "empty; leave it out");
        }
    }
}
