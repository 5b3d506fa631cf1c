using System.Runtime.ExceptionServices;

namespace Mesh.Client.Runtime;

/// <summary>One of the attempts that a hedged call has under way, on its own copy of the request.</summary>
internal sealed class HedgeLeg(MeshCall call, CancellationToken caller)
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(caller);
    private Exception? _error;

    public MeshCall Call => call;

    /// <summary>Completes when the attempt has ended, in whatever way; never with an exception.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Whether it has ended in a way that no other would be tried after: well, or for good.</summary>
    public bool IsFinal => Ended.IsCompleted && _error is null && call.IsFinal;

    public void Start() => Ended = RunAsync();

    /// <summary>Never started.</summary>
    public void Drop()
    {
        call.Abort();
        _stop.Dispose();
    }

    /// <summary>Its outcome is the call's.</summary>
    /// <param name="all">Every attempt that was made, this one among them.</param>
    /// <exception cref="Exception">What it failed with.</exception>
    public async Task<HttpResponseMessage> DeliverAsync(List<HedgeLeg> all)
    {
        if (_error is not null)
        {
            call.CountKeptShed();
            ExceptionDispatchInfo.Throw(_error);
        }

        foreach (HedgeLeg other in all)
        {
            if (other != this)
            {
                call.Mention(other.Call);
            }
        }

        try
        {
            CancellationToken token = call.Clock?.Token ?? _stop.Token;
            HttpResponseMessage response = await CallRunner.EndAsync(call, token).ConfigureAwait(false);
            call.Restore();
            _stop.Dispose();
            return response;
        }
        catch (Exception exception) when (call.ExplainEnd(exception) is { } told)
        {
            throw told;
        }
    }

    /// <summary>What comes of it nobody sees.</summary>
    public async Task GiveUpAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
        call.Abort();
        call.Restore();
        call.Request.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await call.RunOnceAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _error = call.ExplainEnd(exception) ?? exception;
        }
    }
}
