using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>
/// 64 callers while every leaf is renewed each 2 s, and every anchor once a minute: no call fails, nothing is executed twice, no
/// connection outlives the leaves that it rests on, and the process holds no more at the end than after it had warmed up.
/// </summary>
[Collection(nameof(Alone))]
public sealed class CredentialRotationTests
{
    private const int Callers = 64;
    private const int Kinds = 5;

    // For calls under way when their connection is retired.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly ExecutedIds _executed = new(Callers);
    private readonly int[] _turns = new int[Callers];
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ConcurrentQueue<string> _overdue = [];
    private readonly ConcurrentQueue<string> _retried = [];
    private TimeSpan _latest = TimeSpan.MinValue;
    private int _mostConnections;
    private int _anchorRotations;
    private int _failovers;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private long Calls => _turns.Sum(turns => (long)turns);

    [Fact]
    public async Task Send_WhileLeavesAndAnchorsRotate_LosesNoCallAndLeavesNothingBehind()
    {
        await using var mesh = new RotatingMesh(_executed);
        await mesh.StartAsync();
        using GrpcChannel channel = mesh.Client.Channel();
        var probe = new Probe.ProbeClient(channel);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task[] background = [RenewAsync(mesh, over.Token), WatchAsync(mesh, over.Token)];

        await CallAsync(mesh, probe, Pause(LongRun.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20))));
        await mesh.RestAsync();
        ProcessState before = await ProcessState.SettledAsync();

        await CallAsync(mesh, probe, RotateAnchorsAsync(mesh));
        ConnectionLeaves[] left = [.. mesh.Connections.Where(connection => connection.End + Grace < DateTimeOffset.UtcNow)];
        await mesh.RestAsync();
        ProcessState after = await ProcessState.SettledAsync();
        await over.CancelAsync();
        await Task.WhenAll(background);

        string summary = string.Create(CultureInfo.InvariantCulture, $"""
            {mesh.Authority.Renewals} renewals of every leaf, {_anchorRotations} of every anchor, {Calls} calls of which
            {_failures.Count} failed, {_retried.Count} retried, {_failovers} connections that could not be made,
            {mesh.Handshakes("verified")} handshakes ({mesh.Handshakes("refused") + mesh.Handshakes("failed")} failed),
            at most {_mostConnections} connections, the latest used {_latest.TotalSeconds:0.0} s after the end of a leaf,
            {before} and then {after}
            """);
        TestContext.Current.TestOutputHelper?.WriteLine(
            summary + "\n" + string.Join('\n', _retried.Concat(mesh.Warnings).Distinct().Take(20)));
        Assert.True(_failures.IsEmpty, $"{summary}:\n{string.Join("\n", _failures.Take(10))}");
        Assert.Equal([], NotOnce());
        Assert.True(_overdue.IsEmpty, $"{summary}:\n{string.Join("\n", _overdue.Take(10))}");
        Assert.Equal([], left);

        // One for each renewal or each connection would be more: of sockets, and in the long form of others too.
        Assert.True(after.Sockets <= before.Sockets + 4, summary);
        Assert.True(after.Handles <= before.Handles + 30, summary);
        Assert.True(after.Memory <= before.Memory + (LongRun.IsOn ? 12 : 8) * 1024 * 1024, summary);

        // It has shown something at all.
        Assert.True(mesh.Authority.Renewals > 1 && _anchorRotations > 0 && Calls > Callers * Kinds, summary);
    }

    private static async Task RenewAsync(RotatingMesh mesh, CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
        while (await TickAsync(timer, over))
        {
            await mesh.Authority.RenewAsync();
        }
    }

    /// <summary>A new anchor beside the old, leaves by the new one, then the old one withdrawn: at once, and each minute again.</summary>
    private async Task RotateAnchorsAsync(RotatingMesh mesh)
    {
        long started = TimeProvider.System.GetTimestamp();
        TimeSpan duration = LongRun.Duration(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2));
        using var everyMinute = new PeriodicTimer(TimeSpan.FromMinutes(1));
        do
        {
            TestCa old = mesh.Authority.Issuer;
            var next = new TestCa(name: string.Create(CultureInfo.InvariantCulture, $"authority {_anchorRotations}"));
            string retiring = TrustBundle.Thumbprint(old.Root), coming = TrustBundle.Thumbprint(next.Root);
            await mesh.Authority.TrustAsync(old, next);
            await Eventually.TrueAsync(() => mesh.Credentials.All(state => state.TrustBundle!.Contains(coming)));
            await mesh.Authority.IssueByAsync(next);

            // Nothing rests on it, nor on a handshake that began with it: the limit of a connect is 1 s.
            long unused = TimeProvider.System.GetTimestamp();
            await Eventually.TrueAsync(() =>
            {
                if (mesh.Connections.Any(connection => connection.Anchor == retiring)
                    || !mesh.Credentials.All(state => state.Credential?.Intermediates.Contains(next.Intermediate) == true))
                {
                    unused = TimeProvider.System.GetTimestamp();
                }

                return TimeProvider.System.GetElapsedTime(unused) > TimeSpan.FromSeconds(1);
            });
            await mesh.Authority.TrustAsync(next);
            await Eventually.TrueAsync(() => mesh.Credentials.All(state => !state.TrustBundle!.Contains(retiring)));
            _anchorRotations++;
        }
        while (LongRun.IsOn && _anchorRotations < 2 && await everyMinute.WaitForNextTickAsync(Stop));

        TimeSpan rest = duration - TimeProvider.System.GetElapsedTime(started);
        await Pause(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
    }

    private async Task WatchAsync(RotatingMesh mesh, CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await TickAsync(timer, over))
        {
            DateTimeOffset now = DateTimeOffset.UtcNow;
            int connections = 0;
            foreach (ConnectionLeaves connection in mesh.Connections)
            {
                connections++;
                TimeSpan late = now - connection.End;
                _latest = late > _latest ? late : _latest;
                if (late > Grace)
                {
                    _overdue.Enqueue($"{now:O}: {connection}");
                }
            }

            _mostConnections = Math.Max(_mostConnections, connections);
        }
    }

    /// <summary>All callers, until something else has ended and each has had all kinds of calls.</summary>
    private async Task CallAsync(RotatingMesh mesh, Probe.ProbeClient probe, Task until) =>
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < Kinds || !until.IsCompleted; i++)
            {
                await TryAsync(mesh.Client, probe, caller, _turns[caller]++);
            }
        })).Append(until));

    private async Task TryAsync(MeshHost client, Probe.ProbeClient probe, int caller, int turn)
    {
        string id = ExecutedIds.Id(caller, turn);
        try
        {
            switch (Kind(caller, turn))
            {
                case 0:
                    await ExpectAsync(client.SendAsync(HttpMethod.Get, "/", version: HttpVersion.Version11), "https HTTP/1.1");
                    break;
                case 1:
                    await ExpectAsync(client.SendAsync(HttpMethod.Get, "/", version: HttpVersion.Version20), "https HTTP/2");
                    break;
                case 2:
                    await PostAsync(client, id, HttpVersion.Version11);
                    break;
                case 3:
                    await PostAsync(client, id, HttpVersion.Version20);
                    break;
                default:
                    ProbeReply reply = await probe.WhoAsync(new ProbeRequest { Key = id }, cancellationToken: Stop);
                    Assert.Equal(id, reply.Key);
                    break;
            }
        }
        catch (Exception e)
        {
            _failures.Enqueue($"{DateTimeOffset.UtcNow:O} {id}, kind {Kind(caller, turn)}: {e}");
        }
    }

    private async Task PostAsync(MeshHost client, string id, Version version)
    {
        using var content = new StringContent(id);
        using HttpResponseMessage response = await client.SendAsync(HttpMethod.Post, $"/execute/{id}", content: content, version: version);
        Assert.Equal(id, await ReadAsync(response));
    }

    private async Task ExpectAsync(Task<HttpResponseMessage> sending, string start)
    {
        using HttpResponseMessage response = await sending;
        Assert.StartsWith($"{start} {SecureMesh.Web} tls", await ReadAsync(response), StringComparison.Ordinal);
    }

    private async Task<string> ReadAsync(HttpResponseMessage response)
    {
        MeshCallInfo info = response.GetMeshCallInfo()!;
        if (info.Retries > 0)
        {
            _retried.Enqueue(string.Join("; ", info.Attempts));
        }

        Interlocked.Add(ref _failovers, info.Attempts.Count(attempt => attempt.Outcome is AttemptResult.ConnectFailure));
        string body = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {body}; {string.Join("; ", info.Attempts)}");
        return body;
    }

    /// <summary>The ids that were not executed as often as they should be.</summary>
    private string[] NotOnce() =>
    [
        .. from caller in Enumerable.Range(0, Callers)
           from turn in Enumerable.Range(0, _turns[caller])
           let times = _executed.Times(caller, turn)
           where times != (Kind(caller, turn) >= 2 ? 1 : 0)
           select $"{ExecutedIds.Id(caller, turn)}: {times} times",
    ];

    /// <summary>In turn: GET and POST over HTTP/1.1 and HTTP/2, and gRPC.</summary>
    private static int Kind(int caller, int turn) => (caller + turn) % Kinds;

    private static Task Pause(TimeSpan duration) => Task.Delay(duration, Stop);

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken over)
    {
        try
        {
            return await timer.WaitForNextTickAsync(over);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
