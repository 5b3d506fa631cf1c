namespace Mesh.Client.Model.Routes;

/// <summary>The gRPC method that is meant (Gateway API's GRPCMethodMatch): at least one of the two is given.</summary>
/// <param name="Service">The full name of the service, package included; null: any.</param>
/// <param name="Method">The method's name; null: any.</param>
/// <param name="IsRegex">Whether both are regular expressions for the whole name.</param>
internal sealed record GrpcMatch(string? Service, string? Method, bool IsRegex = false);
