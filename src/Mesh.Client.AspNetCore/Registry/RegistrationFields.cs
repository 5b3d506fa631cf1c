using System.Buffers;
using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>Rules for what an instance says of itself that need nothing else to be judged.</summary>
internal static class RegistrationFields
{
    public const int MaxText = 253;
    public const int MaxLabels = 64;
    public const int MaxWeight = 1_000_000;
    private const string OwnPrefix = "mesh_";

    private static readonly SearchValues<char> LabelName =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./");

    /// <exception cref="RpcException">The first that is wrong, with its path.</exception>
    public static void Check(Registration wire)
    {
        string? problem = Problem(wire);
        if (problem is not null)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, problem));
        }
    }

    /// <summary>What may be the name of an instance: no blanks, nothing that cannot be seen.</summary>
    public static bool IsInstance(string text) => text.Length is > 0 and <= MaxText && text.All(c => c is > ' ' and <= '~');

    private static string? Problem(Registration wire) =>
        !IsInstance(wire.Instance) ? $"registration.instance: '{RpcReason.Clean(wire.Instance)}' is not 1 to {MaxText} visible characters"
        : wire.Weight > MaxWeight ? $"registration.weight: {wire.Weight} is not from 1 to {MaxWeight}"
        : !IsText(wire.Zone) ? $"registration.zone: '{RpcReason.Clean(wire.Zone)}' is not 1 to {MaxText} printable characters"
        : wire.Labels.Count > MaxLabels ? $"registration.labels: {wire.Labels.Count} are more than {MaxLabels}"
        : !Enum.IsDefined(wire.Framing) ? $"registration.framing: {(int)wire.Framing} is unknown"
        : wire.Labels
            .Select(label => LabelProblem(label.Key, label.Value) is { } wrong
                ? $"registration.labels['{RpcReason.Clean(label.Key)}']: {wrong}"
                : null)
            .FirstOrDefault(problem => problem is not null);

    /// <summary>What is wrong with a label, to be read after its path; null when nothing is.</summary>
    public static string? LabelProblem(string name, string value) =>
        name.Length is 0 or > 63 || name.AsSpan().ContainsAnyExcept(LabelName)
            ? "a name is 1 to 63 letters, digits, '-', '_', '.' and '/'"
            : name == DestinationLabels.Zone || name.StartsWith(OwnPrefix, StringComparison.Ordinal)
                ? $"the mesh's own name; zone has a field, and names with {OwnPrefix} are reserved"
            : !IsText(value) ? $"the value is not at most {MaxText} printable characters"
            : null;

    public static bool IsText(string text) => text.Length <= MaxText && !text.Any(char.IsControl);
}
