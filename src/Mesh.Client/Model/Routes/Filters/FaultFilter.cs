namespace Mesh.Client.Model.Routes.Filters;

/// <summary>Makes calls slow or fail on purpose (Envoy's fault filter; Linkerd's failure injectors are aborts).</summary>
/// <param name="MaxActive">How many calls of a rule may have a fault at once; others go unharmed. Null: any number.</param>
internal sealed record FaultFilter(FaultAbort? Abort, FaultDelay? Delay, int? MaxActive = null) : RouteFilter;
