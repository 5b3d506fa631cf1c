namespace Mesh.Client;

/// <summary>How the endpoints of one pick stand now: what is behind <see cref="LoadBalancerContext"/>.</summary>
public interface ILoadBalancerCandidates
{
    /// <summary>Whether an endpoint is available and was not tried by this call.</summary>
    /// <param name="index">Its place in <see cref="LoadBalancerContext.Endpoints"/>.</param>
    bool CanPick(int index);

    /// <summary>Whether this call has tried it already.</summary>
    /// <param name="index">Its place in <see cref="LoadBalancerContext.Endpoints"/>.</param>
    bool WasTried(int index);

    /// <summary>Calls of this process under way on it.</summary>
    /// <param name="index">Its place in <see cref="LoadBalancerContext.Endpoints"/>.</param>
    int ActiveCalls(int index);

    /// <summary>Its estimated latency.</summary>
    /// <param name="index">Its place in <see cref="LoadBalancerContext.Endpoints"/>.</param>
    TimeSpan Latency(int index);
}
