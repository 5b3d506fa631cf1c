using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>Events that come in their thousands are a few lines, and none of them is lost.</summary>
public sealed class LogStormTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<int> _summaries = [];

    [Fact]
    public void Allows_MoreThanTheFirst_AreToldAsOneAtTheEnd()
    {
        var storm = new LogStorm(_time, (count, _) => _summaries.Add(count));

        int told = Enumerable.Range(0, 1000).Count(_ => storm.Allows());

        Assert.Equal(LogStorm.First, told);
        Assert.Empty(_summaries);
        _time.Advance(LogStorm.Interval);
        Assert.Equal([1000 - LogStorm.First], _summaries);
    }

    [Fact]
    public void Allows_AfterTheInterval_TellsAgain()
    {
        var storm = new LogStorm(_time, (count, _) => _summaries.Add(count));
        for (int i = 0; i < LogStorm.First; i++)
        {
            Assert.True(storm.Allows());
        }

        _time.Advance(LogStorm.Interval);

        Assert.Empty(_summaries);
        Assert.True(storm.Allows());
    }

    [Fact]
    public void Flush_TellsWhatIsLeft()
    {
        var storm = new LogStorm(_time, (count, _) => _summaries.Add(count));
        for (int i = 0; i < 25; i++)
        {
            storm.Allows();
        }

        storm.Flush();

        Assert.Equal([15], _summaries);
        _time.Advance(LogStorm.Interval);
        Assert.Single(_summaries);
    }

    [Fact]
    public async Task Allows_FromManyThreads_LosesNone()
    {
        var storm = new LogStorm(_time, (count, _) => _summaries.Add(count));
        int told = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                if (storm.Allows())
                {
                    Interlocked.Increment(ref told);
                }
            }
        })));
        _time.Advance(LogStorm.Interval);

        Assert.Equal(8000, told + _summaries.Sum());
    }

    [Fact]
    public void EndpointLog_AThousandShutAtOnce_AreFewLinesThatCountThemAll()
    {
        var collector = new FakeLogCollector();
        using var log = new EndpointLog(_time, new FakeLogger<EndpointRuntime>(collector));

        for (int i = 0; i < 1000; i++)
        {
            log.Shut(
                "catalog", EndpointAddress.Create(new IPAddress([10, 0, (byte)(i / 250), (byte)(i % 250)]), 80), TimeSpan.FromSeconds(1), "7 failures");
        }

        _time.Advance(LogStorm.Interval);

        IReadOnlyList<FakeLogRecord> records = collector.GetSnapshot();
        Assert.Equal(LogStorm.First + 1, records.Count);
        Assert.All(records, record => Assert.Equal(LogLevel.Warning, record.Level));
        Assert.Equal("990 more endpoints were shut in the last 10 s", records[^1].Message);
    }
}
