namespace Mesh.Client;

/// <summary>What places endpoints on a hash ring. A request's own hash is always XXH64.</summary>
public enum RingHashFunction
{
    /// <summary>XXH64, Envoy's default.</summary>
    XxHash64,

    /// <summary>MurmurHash2 of 64 bits, Envoy's <c>MURMUR_HASH_2</c>: for rings that must equal those of std::hash in C++.</summary>
    MurmurHash2,
}
