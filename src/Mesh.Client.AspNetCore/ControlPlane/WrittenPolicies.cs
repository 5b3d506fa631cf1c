using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>
/// What was written of the policies that sources say, for as long as they are in use: every stream of a service asks at each change of
/// its endpoints, and the first writes for all.
/// </summary>
internal sealed class WrittenPolicies<T>
    where T : class
{
    private readonly ConditionalWeakTable<TrafficPolicy, ConcurrentDictionary<ServiceName, (ServiceNames Names, T Wire)>> _written = [];

    /// <param name="names">Configuration, which it depends on too.</param>
    /// <param name="service">Whose policy.</param>
    /// <param name="said">By its source; nothing is kept where it says none.</param>
    /// <param name="write">Writes it.</param>
    public T Of(ServiceNames names, ServiceName service, TrafficPolicy? said, Func<ServiceName, TrafficPolicy?, T> write)
    {
        if (said is null)
        {
            return write(service, said);
        }

        ConcurrentDictionary<ServiceName, (ServiceNames Names, T Wire)> all = _written.GetOrCreateValue(said);
        if (!all.TryGetValue(service, out (ServiceNames Names, T Wire) known) || !ReferenceEquals(known.Names, names))
        {
            known = (names, write(service, said));
            all[service] = known;
        }

        return known.Wire;
    }
}
