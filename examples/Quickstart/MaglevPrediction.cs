using System.IO.Hashing;
using System.Text;

namespace Quickstart;

/// <summary>
/// The published Maglev algorithm (Envoy's table of 65537 slots, equal weights) in its simplest form, so that the tour checks the SDK
/// against something other than itself.
/// </summary>
internal sealed class MaglevPrediction
{
    private const int Slots = 65537;

    private readonly string[] _table = new string[Slots];

    public MaglevPrediction(IEnumerable<string> instances)
    {
        string[] names = [.. instances.Order(StringComparer.Ordinal)];
        ulong[] next = new ulong[names.Length];
        for (int filled = 0; filled < Slots;)
        {
            for (int i = 0; i < names.Length && filled < Slots; i++)
            {
                ulong offset = Hash(names[i], 0) % Slots;
                ulong skip = (Hash(names[i], 1) % (Slots - 1)) + 1;
                ulong slot;
                do
                {
                    slot = (offset + (skip * next[i]++)) % Slots;
                }
                while (_table[slot] is not null);

                _table[slot] = names[i];
                filled++;
            }
        }
    }

    /// <summary>The instance that a key belongs to, and where it goes while <paramref name="dead"/> is away.</summary>
    public string Of(string key, string? dead = null)
    {
        ulong slot = Hash(key, 0) % Slots;
        while (_table[slot] == dead)
        {
            slot = (slot + 1) % Slots;
        }

        return _table[slot];
    }

    private static ulong Hash(string text, long seed) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text), seed);
}
