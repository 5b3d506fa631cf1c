using System.Globalization;
using CsCheck;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Runtime;

/// <summary>
/// Whatever a service's endpoints went through, a call begins on one that is available, and on one that is not only while panic holds.
/// </summary>
public class AvailablePickTests
{
    private enum Step
    {
        Begin,
        BeginWithKey,
        Fail,
        GiveUp,
        Lose,
        Reach,
        Wait,
    }

    private const string KeyHeader = "x-key";

    private static readonly string[] Policies =
    [
        LoadBalancingPolicyName.PeakEwma, LoadBalancingPolicyName.Maglev, LoadBalancingPolicyName.RingHash,
        LoadBalancingPolicyName.RoundRobin, LoadBalancingPolicyName.Random, LoadBalancingPolicyName.LeastRequest,
    ];

    private static readonly Gen<(Step Step, int Which)[]> Steps = Gen.Select(
        Gen.Frequency(
            (6, Gen.Const(Step.Begin)), (4, Gen.Const(Step.BeginWithKey)), (5, Gen.Const(Step.Fail)), (2, Gen.Const(Step.GiveUp)),
            (2, Gen.Const(Step.Lose)), (1, Gen.Const(Step.Reach)), (1, Gen.Const(Step.Wait))),
        Gen.Int[0, 1000]).Array[1, 80];

    [Fact]
    public void TryBegin_EjectionsLimitsAndPanicTogether_TakesWhatIsAvailable() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[0, 3], Gen.Int[0, Policies.Length - 1], Steps).Sample(
            (endpoints, limit, policy, steps) =>
            {
                using var world = new World(endpoints, limit, Policies[policy]);
                Assert.All(steps, step => world.Take(step.Step, step.Which));
            },
            iter: 300,
            threads: 1);

    private sealed class World : IDisposable
    {
        private readonly FakeTimeProvider _clock = new();
        private readonly List<MeshCall> _calls = [];
        private readonly ServiceProvider _provider;
        private readonly ServiceRuntime _service;
        private readonly int _limit;

        public World(int endpoints, int limit, string policy)
        {
            _limit = limit == 0 ? int.MaxValue : limit;
            var services = new ServiceCollection();
            services.AddSingleton<TimeProvider>(_clock);
            services.AddSingleton<IEndpointHandlerFactory>(new NoHandlers());
            services.AddMeshClient(options => options.Services.Add("catalog", new MeshServiceOptions
            {
                LoadBalancing = new LoadBalancingOptions
                {
                    Policy = policy,
                    TableSize = 251,
                    HashOn = policy is LoadBalancingPolicyName.Maglev or LoadBalancingPolicyName.RingHash
                        ? [new HashOnOptions { Header = KeyHeader }]
                        : null,
                },
                Limits = new MeshLimitOptions { MaxRequestsPerEndpoint = limit },
                FailureAccrual = new FailureAccrualOptions { MaxFailures = 1, MinPenalty = TimeSpan.FromMinutes(1) },
                Endpoints = [.. Enumerable.Range(1, endpoints).Select(port => new MeshEndpointOptions { Address = $"127.0.0.1:{port}" })],
            }));
            _provider = services.BuildServiceProvider();
            _service = _provider.GetRequiredService<MeshRuntime>().Find(new Uri("http://catalog"), MeshScope.Client)!;
            Assert.True(SpinWait.SpinUntil(
                () =>
                {
                    _clock.Advance(TimeSpan.FromMilliseconds(100));
                    return _service.Snapshot.Endpoints.Length == endpoints;
                },
                TimeSpan.FromSeconds(30)));
        }

        private EndpointRuntime[] Endpoints => _service.Snapshot.Endpoints;

        public void Take(Step step, int which)
        {
            EndpointRuntime endpoint = Endpoints[which % Endpoints.Length];
            switch (step)
            {
                case Step.Begin or Step.BeginWithKey:
                    Begin(step is Step.BeginWithKey ? which.ToString(CultureInfo.InvariantCulture) : null);
                    break;
                case Step.Lose:
                    endpoint.ConnectFailed("lost");
                    break;
                case Step.Reach:
                    endpoint.Connected();
                    break;
                case Step.Wait:
                    _clock.Advance(TimeSpan.FromSeconds(20));
                    break;
                case var _ when _calls.Count > 0:
                    End(_calls[which % _calls.Count], failed: step is Step.Fail);
                    break;
            }
        }

        public void Dispose()
        {
            _calls.ToList().ForEach(call => End(call, failed: false));
            _provider.Dispose();
        }

        private void Begin(string? key)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");
            if (key is not null)
            {
                request.Headers.Add(KeyHeader, key);
            }

            // Told apart by what is known from outside: their states, and how many calls each has.
            // On probation an endpoint counts as ejected until a call has gone well.
            bool panic = 2 * Endpoints.Count(endpoint => endpoint.State is "available") < Endpoints.Length;
            bool HasRoom(EndpointRuntime endpoint) => _calls.Count(held => held.Endpoint == endpoint) < _limit;
            List<EndpointRuntime> mayTake =
                [.. Endpoints.Where(e => HasRoom(e) && e.State is not "disconnected" && (panic || e.State is not "ejected"))];

            // On probation it takes one call, which may be under way.
            bool mustTake = mayTake.Exists(endpoint => panic || endpoint.State is "available");
            _service.TryEnter();
            var call = new MeshCall(_service, _service.Snapshot, request, isGrpc: false, waitingSince: 0);
            call.Prepare();
            bool began = call.TryBegin();

            Assert.True(began || !mustTake, "None was picked while one was available.");
            if (began)
            {
                Assert.Contains(call.Endpoint, mayTake);
                _calls.Add(call);
            }
            else
            {
                call.Abort();
            }
        }

        private void End(MeshCall call, bool failed)
        {
            _calls.Remove(call);
            if (failed)
            {
                call.Failed(AttemptResult.Reset, new IOException("broke"));
            }

            call.Abort();
        }
    }

    /// <summary>Nobody is dialled, and nobody who is out of reach comes back by itself.</summary>
    private sealed class NoHandlers : IEndpointHandlerFactory
    {
        public HttpMessageHandler Create(EndpointTarget target, IConnectionObserver connections) => new SocketsHttpHandler();

        public ValueTask<Stream?> WarmAsync(
            EndpointTarget target, IConnectionObserver connections, CancellationToken cancellationToken) => default;

        public ValueTask ProbeAsync(EndpointTarget target, CancellationToken cancellationToken) =>
            new(Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));
    }
}
