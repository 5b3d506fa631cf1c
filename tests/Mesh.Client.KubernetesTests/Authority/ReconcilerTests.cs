using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.KubernetesTests.Authority;

public sealed class ReconcilerTests
{
    private static readonly ApiException Conflict = new(ApiFailure.Conflict, "somebody else was faster with it");

    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _logger = new();

    [Fact]
    public async Task Conflicts_that_do_not_end_are_told_once_and_tried_ever_less_often()
    {
        using var one = new Scripted(_time, _logger) { OnPass = _ => throw Conflict };

        await RunAsync(one, passes: 9, TimeSpan.FromMilliseconds(250));

        Assert.Contains("somebody else was faster", Assert.Single(Told()).Message, StringComparison.Ordinal);
        Assert.InRange(one.Times[1] - one.Times[0], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.True(one.Times[8] - one.Times[7] >= TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task A_conflict_now_and_then_is_not_told()
    {
        using var one = new Scripted(_time, _logger) { OnPass = pass => pass % 4 == 3 ? null : throw Conflict };

        await RunAsync(one, passes: 12, TimeSpan.FromSeconds(5));

        Assert.Empty(Told());
    }

    [Fact]
    public async Task A_server_that_wants_to_be_left_alone_is()
    {
        using var one = new Scripted(_time, _logger)
        {
            OnPass = pass => pass > 0 ? null : throw new ApiException(ApiFailure.Busy, "busy", TimeSpan.FromSeconds(120)),
        };

        await RunAsync(one, passes: 2, TimeSpan.FromSeconds(2));

        Assert.InRange(one.Times[1] - one.Times[0], TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(130));
    }

    [Fact]
    public async Task Watches_that_cannot_be_opened_are_told_of_and_tried_again()
    {
        int opened = 0;
        using var one = new Scripted(_time, _logger)
        {
            OnOpen = () =>
            {
                if (++opened < 3)
                {
                    throw new InvalidOperationException("no");
                }
            },
        };

        await RunAsync(one, passes: 2, TimeSpan.FromSeconds(1));

        Assert.Equal(3, opened);
        Assert.Contains("InvalidOperationException", Assert.Single(Told()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_looks_once_a_minute_whatever_it_was_told()
    {
        using var one = new Scripted(_time, _logger) { OnPass = _ => TimeSpan.FromDays(1) };

        await RunAsync(one, passes: 3, TimeSpan.FromSeconds(5));

        Assert.InRange(one.Times[2] - one.Times[1], TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(75));
    }

    private FakeLogRecord[] Told() => [.. _logger.Collector.GetSnapshot().Where(record => record.Id.Name == "ReconcileFailed")];

    private async Task RunAsync(Scripted one, int passes, TimeSpan step)
    {
        await one.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(step);
            return one.Times.Length >= passes;
        });
        await one.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(one.ExecuteTask!.IsCanceled);
    }

    private sealed class Scripted(TimeProvider time, ILogger logger) : Reconciler(new Pulse(), time, logger)
    {
        private readonly Lock _lock = new();
        private readonly List<DateTimeOffset> _times = [];

        public Action OnOpen { get; init; } = static () => { };

        public Func<int, TimeSpan?> OnPass { get; init; } = static _ => null;

        public DateTimeOffset[] Times
        {
            get
            {
                lock (_lock)
                {
                    return [.. _times];
                }
            }
        }

        protected override string Name => "Something";

        protected override IDisposable Open()
        {
            OnOpen();
            return new CancellationTokenSource();
        }

        protected override Task<TimeSpan?> ReconcileAsync(CancellationToken cancellationToken)
        {
            int pass;
            lock (_lock)
            {
                pass = _times.Count;
                _times.Add(Time.GetUtcNow());
            }

            return Task.FromResult(OnPass(pass));
        }
    }
}
