namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>
/// What is followed, made once for all who follow the same: anew once a second at most. It is kept for as long as somebody follows it, so
/// there are no more of them than readers.
/// </summary>
/// <param name="time">Measures its age.</param>
internal sealed class SharedStatus(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StatusQuery, Followed> _followed = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _followed.Count;
            }
        }
    }

    /// <summary>Follows until it is disposed of.</summary>
    /// <param name="query">Of what.</param>
    /// <param name="read">Makes it; null: it is gone.</param>
    public Reader Follow(StatusQuery query, Func<StatusQuery, byte[]?> read)
    {
        lock (_lock)
        {
            if (!_followed.TryGetValue(query, out Followed? followed))
            {
                _followed[query] = followed = new Followed(time, query, read);
            }

            followed.Readers++;
            return new Reader(this, followed);
        }
    }

    private void Leave(Followed followed)
    {
        lock (_lock)
        {
            if (--followed.Readers == 0)
            {
                _followed.Remove(followed.Query);
            }
        }
    }

    /// <summary>One who follows.</summary>
    internal sealed class Reader(SharedStatus shared, Followed followed) : IDisposable
    {
        /// <summary>As JSON; null: what it was of is gone.</summary>
        public byte[]? Read() => followed.Read();

        public void Dispose() => shared.Leave(followed);
    }

    /// <summary>What some follow.</summary>
    internal sealed class Followed(TimeProvider time, StatusQuery query, Func<StatusQuery, byte[]?> read)
    {
        // A reader comes back after a second, and not before: a little less is old enough.
        private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(0.9);

        private readonly Lock _lock = new();
        private byte[]? _json;
        private long _madeAt;

        public StatusQuery Query => query;

        /// <summary>How many; guarded by whoever has it.</summary>
        public int Readers { get; set; }

        public byte[]? Read()
        {
            lock (_lock)
            {
                if (_json is null || time.GetElapsedTime(_madeAt) >= Lifetime)
                {
                    _json = read(query);
                    _madeAt = time.GetTimestamp();
                }

                return _json;
            }
        }
    }
}
