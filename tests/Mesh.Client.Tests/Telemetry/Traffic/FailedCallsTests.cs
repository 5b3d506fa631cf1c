using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Telemetry.Traffic;

public sealed class FailedCallsTests
{
    private static readonly EndedCall Bad = new() { Succeeded = false };

    private readonly FakeTimeProvider _time = new();
    private readonly FailedCalls _failures;

    public FailedCallsTests() => _failures = new FailedCalls(_time);

    [Fact]
    public void Add_AStorm_KeepsFiveASecondAndFiftyInAll()
    {
        for (int second = 0; second < 20; second++)
        {
            for (int i = 0; i < 1_000; i++)
            {
                _failures.Add(Bad with { Target = new Uri($"http://catalog/{second}/{i}") }, Bad.Duration);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(FailedCalls.Capacity, _failures.Latest.Count);
        Assert.Equal("/19/4", _failures.Latest[0].Path);
        Assert.Equal("/10/0", _failures.Latest[^1].Path);
    }

    [Fact]
    public void Add_ACallOfTwoAttempts_TellsItsStory()
    {
        MeshAttempt first = new()
        {
            Endpoint = "10.0.0.1:80",
            Reason = PickReason.Hash,
            Outcome = AttemptResult.ConnectFailure,
            Error = "Connection refused",
            Duration = TimeSpan.FromMilliseconds(2),
        };
        MeshAttempt second = first with
        {
            Endpoint = "10.0.0.2:80",
            Reason = PickReason.HashFailover,
            Outcome = AttemptResult.HttpStatus,
            Status = 503,
            Error = null,
        };

        _failures.Add(Bad with { Tries = [first, second], Target = new Uri("http://u:pass@catalog/items?key=word") }, Bad.Duration);

        FailedCallStatus call = Assert.Single(_failures.Latest);
        Assert.Equal(
            "GET /items of catalog.default.svc.cluster.local:80. "
            + "It was tried at 10.0.0.1:80, where its hash key belongs: Connection refused after 2 ms. "
            + "Then at 10.0.0.2:80, the next for its hash key, as those before it were unavailable or tried: status 503 after 2 ms. "
            + "It ended after 10 ms with status 503.",
            call.Story);
        Assert.Equal("503", call.Ending);
        Assert.Equal(["connect_failure", "http_status"], call.Attempts.Select(attempt => attempt.Outcome));
    }

    [Theory]
    [InlineData(AttemptResult.Cancelled, "the application's own words")]
    [InlineData(AttemptResult.Reset, "Received an invalid header line: 'x-token abc'.")]
    public void Add_WordsOfTheApplicationOrThePeer_AreNotTold(AttemptResult outcome, string error)
    {
        MeshAttempt attempt = new() { Endpoint = "10.0.0.1:80", Reason = PickReason.Hash, Outcome = outcome, Error = error };

        _failures.Add(Bad with { Tries = [attempt] }, Bad.Duration);

        FailedCallStatus call = Assert.Single(_failures.Latest);
        Assert.DoesNotContain(error[..12], call.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("x-token", call.Attempts[0].Error ?? "", StringComparison.Ordinal);
    }
}
