namespace Mesh.Client.Model.Routes.Filters;

/// <summary>What is done to a call on its way: to its request before it is sent, to its response, or instead of sending it.</summary>
internal abstract record RouteFilter;
