using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Runtime;

/// <summary>One of the application's own balancers: its name, and what makes one.</summary>
internal sealed record LoadBalancerRegistration(string Name, Func<IServiceProvider, ILoadBalancer> Create)
{
    /// <exception cref="ArgumentException">The name is empty, built in, or taken.</exception>
    public static void Add(IServiceCollection services, string name, Func<IServiceProvider, ILoadBalancer> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (PolicyNames.AlgorithmOf(name) is not LoadBalancingAlgorithm.Custom)
        {
            throw new ArgumentException($"'{name}' is the name of a built-in policy.", nameof(name));
        }

        if (services.Any(service => service.ImplementationInstance is LoadBalancerRegistration other && other.IsNamed(name)))
        {
            throw new ArgumentException($"A balancer named '{name}' is registered already.", nameof(name));
        }

        services.AddSingleton(new LoadBalancerRegistration(name, create));
    }

    public bool IsNamed(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}
