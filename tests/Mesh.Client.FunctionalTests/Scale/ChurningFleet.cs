using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Mesh.Client.Model;

namespace Mesh.Client.FunctionalTests.Scale;

/// <summary>
/// A large service that never rests: at each change an endpoint leaves, joins, moves to another address under the same key, or gets
/// another weight. The number of endpoints stays.
/// </summary>
internal sealed class ChurningFleet
{
    private readonly List<Endpoint> _endpoints;
    private readonly Random _random = new(1);
    private int _made;

    public ChurningFleet(int size) => _endpoints = [.. Enumerable.Range(0, size).Select(_ => Make(key: null))];

    public EndpointSet State => EndpointSet.Known([.. _endpoints]);

    /// <summary>The hash keys of the endpoints as they are now.</summary>
    public ImmutableArray<string> Keys => [.. _endpoints.Select(endpoint => endpoint.HashKey!)];

    public void Change(int times)
    {
        for (int i = 0; i < times; i++)
        {
            int index = _random.Next(_endpoints.Count);
            Endpoint before = _endpoints[index];
            _endpoints[index] = _random.Next(3) switch
            {
                // One has left, another has joined.
                0 => Make(key: null),
                1 => Make(before.HashKey),
                _ => before with { Weight = before.Weight == 1 ? 2 : 1 },
            };
        }
    }

    private Endpoint Make(string? key)
    {
        int number = _made++;
        return new Endpoint(EndpointAddress.Create(
            new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]), 8080))
        {
            HashKey = key ?? string.Create(CultureInfo.InvariantCulture, $"catalog-{number}"),
        };
    }
}
