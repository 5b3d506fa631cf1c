using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client;

/// <summary>Registers an application's own balancers.</summary>
public static class MeshLoadBalancerBuilderExtensions
{
    /// <summary>Makes a name for <see cref="LoadBalancingOptions.Policy"/>, in code and configuration alike.</summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="name">The policy's name; upper and lower case are the same.</param>
    /// <param name="create">
    /// Makes a balancer for each service that uses it, never on a call's thread; that service's calls wait until it is made. Where it
    /// throws, that is logged and counted, two choices by load pick for that service, and the next change of its endpoints tries again.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty, built in, or taken.</exception>
    public static IMeshClientBuilder AddLoadBalancer(
        this IMeshClientBuilder builder, string name, Func<IServiceProvider, ILoadBalancer> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        LoadBalancerRegistration.Add(builder.Services, name, create);
        return builder;
    }

    /// <summary>The same for a type whose constructor takes its arguments from the application's services.</summary>
    /// <typeparam name="TBalancer">The balancer. It needs no registration of its own.</typeparam>
    /// <param name="builder">The mesh.</param>
    /// <param name="name">The policy's name; upper and lower case are the same.</param>
    /// <exception cref="ArgumentException">The name is empty, built in, or taken.</exception>
    public static IMeshClientBuilder AddLoadBalancer<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TBalancer>(
        this IMeshClientBuilder builder, string name)
        where TBalancer : class, ILoadBalancer =>
        builder.AddLoadBalancer(name, static services => ActivatorUtilities.CreateInstance<TBalancer>(services));
}
