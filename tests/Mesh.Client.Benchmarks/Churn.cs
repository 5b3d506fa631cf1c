using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Benchmarks;

/// <summary>
/// Picks over 10,000 endpoints with and without 100 changes a second, in turns. A second thread does picks of its own, over a list that
/// never changes: what the machine does to it, it does to the first.
/// </summary>
internal sealed class Churn
{
    private const int Size = 10_000;
    private const int Phases = 6;
    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private readonly Fleet _fleet = new();
    private readonly ServiceProvider _provider;
    private readonly ServiceRuntime _service;

    private Churn(string policy)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IEndpointSource>(_fleet);
        services.AddMeshClient(options => options.Services.Add(
            "catalog", new MeshServiceOptions { LoadBalancing = new LoadBalancingOptions { Policy = policy } }));
        _provider = services.BuildServiceProvider();
        _service = _provider.GetRequiredService<MeshRuntime>().Find(new Uri("http://catalog"), MeshScope.Client)!;
        SpinWait.SpinUntil(() => _service.Snapshot.Endpoints.Length == Size);
    }

    public static void Run(string policy)
    {
        bool keyed = policy is LoadBalancingPolicyName.Maglev or LoadBalancingPolicyName.RingHash;
        var churn = new Churn(policy);
        using ServiceProvider provider = churn._provider;
        ServiceSnapshot still = churn._service.Snapshot;
        var picks = new Samples(() => churn._service.Snapshot, keyed);
        var control = new Samples(() => still, keyed);
        Console.WriteLine();
        Console.WriteLine(
            $"{policy}, {Size:N0} endpoints, {Phases} phases of {Phase.TotalSeconds} s with and without 100 changes a second");
        Console.WriteLine($"  {"",-34} {"picks",12} {"p50 ns",8} {"p99.9",8} {"max us",8} {"> 1 ms",7} {"GC ms",7} {"gen2",5} {"MB/s",6}");
        for (int phase = 0; phase < Phases; phase++)
        {
            churn.Measure(picks, control, changes: phase % 2 == 1);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {churn._fleet.Updates / (Phases / 2) / Phase.TotalSeconds:0} changes a second were made"));
    }

    private void Measure(Samples picks, Samples control, bool changes)
    {
        using var over = new CancellationTokenSource();
        (TimeSpan pause, int gen2, long bytes) = (GC.GetTotalPauseDuration(), GC.CollectionCount(2), GC.GetTotalAllocatedBytes());
        Thread[] threads = [picks.Start(over.Token), control.Start(over.Token)];
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < Phase)
        {
            Thread.Sleep(Pace);
            if (changes)
            {
                _fleet.Change(Stopwatch.GetElapsedTime(started));
            }
        }

        over.Cancel();
        Array.ForEach(threads, thread => thread.Join());
        pause = GC.GetTotalPauseDuration() - pause;
        string collections = string.Create(
            CultureInfo.InvariantCulture,
            $"{pause.TotalMilliseconds,7:0.0} {GC.CollectionCount(2) - gen2,5} "
                + $"{(GC.GetTotalAllocatedBytes() - bytes) / Phase.TotalSeconds / 1e6,6:0.0}");
        Console.WriteLine($"  {(changes ? "changing" : "at rest"),-34} {picks.Describe()} {collections}");
        Console.WriteLine($"  {"  the control thread meanwhile",-34} {control.Describe()}");
    }

    /// <summary>A service that changes as it is told, one change at a time.</summary>
    private sealed class Fleet : IEndpointSource
    {
        private readonly Lock _lock = new();
        private readonly Pulse _changed = new();
        private readonly Random _random = new(1);
        private readonly Endpoint[] _endpoints = new Endpoint[Size];
        private int _made;
        private int _done;

        public Fleet()
        {
            for (int i = 0; i < Size; i++)
            {
                _endpoints[i] = Make();
            }
        }

        public string Name => "fleet";

        public double Updates { get; private set; }

        public void Change(TimeSpan since)
        {
            int due = (int)(since.TotalSeconds * 100);
            _done = due < _done ? 0 : _done;
            for (; _done < due; _done++, Updates++)
            {
                lock (_lock)
                {
                    int index = _random.Next(Size);
                    _endpoints[index] = _random.Next(2) == 0
                        ? Make()
                        : _endpoints[index] with { Weight = 3 - _endpoints[index].Weight };
                }

                _changed.Signal();
            }
        }

        public async IAsyncEnumerable<EndpointSet> WatchAsync(
            ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed = _changed.Signalled;
                ImmutableArray<Endpoint> state;
                lock (_lock)
                {
                    state = [.. _endpoints];
                }

                yield return EndpointSet.Known(state);
                await changed.WaitAsync(cancellationToken);
            }
        }

        private Endpoint Make()
        {
            int number = _made++;
            var ip = new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
            return new Endpoint(EndpointAddress.Create(ip, 8080)) { Weight = 1 + (number % 2) };
        }
    }

    /// <summary>One thread that picks and times each pick, into buckets of 2 % up to a second.</summary>
    private sealed class Samples(Func<ServiceSnapshot> read, bool keyed) : ICandidates
    {
        private readonly long[] _buckets = new long[1_100];
        private ServiceSnapshot _snapshot = read();
        private double _max;
        private long _slow;

        public int Count => _snapshot.Endpoints.Length;

        public long Now => TimeProvider.System.GetTimestamp();

        public bool CanPick(int index) => _snapshot.Endpoints[index].CanPick(int.MaxValue, ignoresEjections: false);

        public EndpointLoad Load(int index) => _snapshot.Endpoints[index].Load;

        public Thread Start(CancellationToken over)
        {
            Array.Clear(_buckets);
            (_max, _slow) = (0, 0);
            var thread = new Thread(() => Pick(over));
            thread.Start();
            return thread;
        }

        public string Describe()
        {
            long picks = _buckets.Sum();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{picks,12:N0} {Quantile(picks, 0.5),8:0} {Quantile(picks, 0.999),8:0} {_max / 1000,8:0} {_slow,7}");
        }

        private void Pick(CancellationToken over)
        {
            ulong hash = 0;
            while (!over.IsCancellationRequested)
            {
                hash += 0x9E3779B97F4A7C15;
                long started = Stopwatch.GetTimestamp();
                _snapshot = read();
                _snapshot.Balancers.Pick(keyed, hash, this);
                double took = Math.Max(1, Stopwatch.GetElapsedTime(started).TotalNanoseconds);
                _buckets[Math.Min(_buckets.Length - 1, (int)(Math.Log(took) / Math.Log(1.02)))]++;
                _max = Math.Max(_max, took);
                _slow += took > 1e6 ? 1 : 0;
            }
        }

        private double Quantile(long picks, double quantile)
        {
            long left = (long)(picks * quantile);
            int bucket = 0;
            while (bucket < _buckets.Length - 1 && (left -= _buckets[bucket]) > 0)
            {
                bucket++;
            }

            return Math.Pow(1.02, bucket);
        }
    }
}
