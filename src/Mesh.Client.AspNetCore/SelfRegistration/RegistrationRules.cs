using System.Globalization;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>Rules about what a server says of itself; the registry's own, so that a mistake shows at the start.</summary>
internal static class RegistrationRules
{
    public static void Validate(MeshServerOptions options, List<string> problems)
    {
        void Add(string key, string problem) => problems.Add($"{options.SectionPath}:{key}: {problem}");

        if (options.Service is { } service && (DnsNames.Problem(service) is not null || DnsNames.IsAddress(service)))
        {
            Add(nameof(options.Service), $"'{service}' is no name of a service, such as catalog or catalog.shop");
        }

        if (options.Instance is { } instance && !RegistrationFields.IsInstance(instance))
        {
            Add(nameof(options.Instance), $"'{instance}' is not 1 to {RegistrationFields.MaxText} visible characters without blanks");
        }

        if (options.Zone is { } zone && (zone.Length == 0 || !RegistrationFields.IsText(zone)))
        {
            Add(
                nameof(options.Zone),
                zone.Length == 0 ? "empty; leave it out" : $"not at most {RegistrationFields.MaxText} printable characters");
        }

        if (options.Weight is < 1 or > RegistrationFields.MaxWeight)
        {
            string weight = options.Weight.ToString(CultureInfo.InvariantCulture);
            Add(nameof(options.Weight), $"{weight} is not from 1 to {RegistrationFields.MaxWeight}");
        }

        if (options.Address is { } address && !(EndpointAddress.TryParse(address, out EndpointAddress? parsed) && parsed.IP is not null))
        {
            Add(nameof(options.Address), $"'{address}' is no ip:port, such as 10.1.2.3:8080 or [2001:db8::1]:8080");
        }

        if (options.Labels.Count > RegistrationFields.MaxLabels)
        {
            Add(nameof(options.Labels), $"{options.Labels.Count} are more than {RegistrationFields.MaxLabels}");
        }

        foreach ((string name, string value) in options.Labels)
        {
            if (RegistrationFields.LabelProblem(name, value) is { } problem)
            {
                Add($"{nameof(options.Labels)}:{name}", problem);
            }
        }
    }
}
