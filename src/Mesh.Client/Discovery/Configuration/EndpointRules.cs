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
            ValidateProperties(at, endpoint, problems);
        }
    }

    /// <summary>Everything but where it is.</summary>
    public static void ValidateProperties(string at, MeshEndpointOptions endpoint, Problems problems)
    {
        problems.Range<int>($"{at}:{nameof(endpoint.Weight)}", endpoint.Weight, 1, 1_000_000);
        problems.AtLeast($"{at}:{nameof(endpoint.Priority)}", endpoint.Priority, 0);
        NotEmpty($"{at}:{nameof(endpoint.Zone)}", endpoint.Zone, problems);
        NotEmpty($"{at}:{nameof(endpoint.HashKey)}", endpoint.HashKey, problems);
        ValidateTransport(at, endpoint, problems);
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

    private static void ValidateTransport(string at, MeshEndpointOptions endpoint, Problems problems)
    {
        bool named = endpoint.Identity is not null;
        if (named && !WorkloadIdentity.TryParse(endpoint.Identity, out _))
        {
            problems.Add($"{at}:{nameof(endpoint.Identity)}", $"'{endpoint.Identity}' is neither a DNS name nor an absolute URI");
        }

        if (endpoint.ServerName is not null && WorkloadIdentity.ParseDns(endpoint.ServerName) is null)
        {
            problems.Add($"{at}:{nameof(endpoint.ServerName)}", $"'{endpoint.ServerName}' is no DNS name");
        }
        else if (endpoint.ServerName is not null && !named)
        {
            problems.Add($"{at}:{nameof(endpoint.ServerName)}", "it needs an Identity");
        }

        string? contradiction = endpoint.Framing switch
        {
            { } framing when !Enum.IsDefined(framing) => $"{(int)framing} is unknown",
            Framing.Plaintext when named => "Plaintext, but the endpoint has an Identity; leave one of them out",
            { } framing and not Framing.Plaintext when !named => $"{framing} needs an Identity: whom to expect there",
            _ => null,
        };
        if (contradiction is not null)
        {
            problems.Add($"{at}:{nameof(endpoint.Framing)}", contradiction);
        }

        problems.Range<int>($"{at}:{nameof(endpoint.InboundPort)}", endpoint.InboundPort, 1, 65535);
        if (endpoint.InboundPort is not null && endpoint.Framing is not Framing.TransportHeader)
        {
            problems.Add($"{at}:{nameof(endpoint.InboundPort)}", "it needs the Framing TransportHeader");
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
