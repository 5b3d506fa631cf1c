namespace Mesh.Client.Runtime;

/// <summary>Makes the application's own balancers.</summary>
internal sealed class LoadBalancerFactory(IEnumerable<LoadBalancerRegistration> registrations, IServiceProvider services)
{
    private readonly LoadBalancerRegistration[] _registrations = [.. registrations];

    /// <exception cref="Exception">Whatever the application's own code throws.</exception>
    public ILoadBalancer Create(string name)
    {
        LoadBalancerRegistration registration = Array.Find(_registrations, registered => registered.IsNamed(name))
            ?? throw new InvalidOperationException($"no balancer '{name}' is registered");
        return registration.Create(services) ?? throw new InvalidOperationException($"balancer '{name}' was made null");
    }
}
