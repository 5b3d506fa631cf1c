using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>A backend of any kind of route.</summary>
internal readonly record struct WireBackend(
    Protocol.Backend? Backend, uint Weight, ImmutableArray<RouteFilter> Filters, Duration? Timeout, string Place);
