namespace Mesh.Client;

/// <summary>
/// An application's own way to pick an endpoint, registered by a name that <see cref="LoadBalancingOptions.Policy"/> then chooses:
/// <see cref="MeshLoadBalancerBuilderExtensions.AddLoadBalancer(IMeshClientBuilder, string, Func{IServiceProvider, ILoadBalancer})"/>.
/// </summary>
/// <remarks>
/// Each service has one of its own, made before the first of its calls that knows an endpoint, and disposed with the service if it is
/// <see cref="IDisposable"/>. All calls of the service share it, at the same time.
/// </remarks>
public interface ILoadBalancer
{
    /// <summary>Picks the endpoint of one attempt.</summary>
    /// <remarks>
    /// Called for every attempt, on the caller's thread: whatever it takes is added to the call, so it neither waits nor does I/O. Where it
    /// throws, or picks what may not be picked, that is logged and counted, and two choices by load pick instead.
    /// </remarks>
    /// <param name="context">What is known of the endpoints and of the call. Lists that stay the same are the same object.</param>
    /// <returns>
    /// One that <see cref="LoadBalancerContext.CanPick"/>, or <see cref="LoadBalancerPick.None"/>: the call then forgets what it tried,
    /// asks again at once, and waits as for an endpoint, 3 s at most, to ask again whenever something changes.
    /// </returns>
    LoadBalancerPick Pick(in LoadBalancerContext context);
}
