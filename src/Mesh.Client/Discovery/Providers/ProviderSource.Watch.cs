using System.Threading.Channels;
using Mesh.Client.Model;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Providers;

internal sealed partial class ProviderSource
{
    /// <summary>How long providers may say nothing until the watch says so in their place.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    /// <summary>When a provider is told to give up; it is asked again then.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    /// <summary>One service being watched.</summary>
    private sealed class Watch(ProviderSource source, ServiceName service, Pulse demand, ChannelWriter<EndpointSet> latest)
    {
        private readonly Backoff _backoff = new(source._time, Backoff.Maximum);
        private readonly ProviderSet[] _forms =
        [
            .. QueryForms.Of(service, source._configuration.Current).Select(query => new ProviderSet(query, source._factories)),
        ];

        private EndpointSet _last = EndpointSet.Unknown();
        private Task _asking = Task.CompletedTask;
        private ProviderSet? _believed;
        private long? _emptySince;
        private bool _lost;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                while (true)
                {
                    await RoundAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // The consumer has left.
            }
            catch (Exception exception)
            {
                // No round throws; if one does, the consumer is told and watches anew.
                latest.TryComplete(exception);
            }
            finally
            {
                latest.TryComplete();
                _ = ReleaseAsync();
            }
        }

        /// <summary>Asks once, and returns when it is time to ask again.</summary>
        private async Task RoundAsync(CancellationToken cancellationToken)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var changes = new ChangeWatch();
            Task signalled = demand.Signalled;
            List<IChangeToken> tokens = [];
            bool settled = false, needsPolling = false;
            try
            {
                Task<bool> asking = Task.Run(() => AskWithinLimitAsync(tokens, cancellationToken), cancellationToken);
                _asking = asking;
                await TellSilenceAsync(asking, wait.Token).ConfigureAwait(false);
                needsPolling = await asking.WaitAsync(cancellationToken).ConfigureAwait(false);
                settled = !needsPolling || !_last.Endpoints.IsEmpty;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Foreign code is called on all the way: a provider's, its tokens' and its endpoints'.
                Lose($"{source.Name} failed: {ForeignText.OfCause(exception)}");
            }

            settled &= Register(changes, tokens);
            if (settled)
            {
                _backoff.Reset();
                Task least = Task.Delay(Backoff.Minimum, source._time, wait.Token);
                Task refresh = needsPolling
                    ? source.RefreshAsync(inDoubt: _emptySince is not null, wait.Token)
                    : new TaskCompletionSource().Task;
                await Task.WhenAny(changes.Changed, refresh).WaitAsync(cancellationToken).ConfigureAwait(false);
                await least.ConfigureAwait(false);
            }
            else
            {
                await _backoff.WaitAsync(Task.WhenAny(signalled, changes.Changed), cancellationToken).ConfigureAwait(false);
            }

            await wait.CancelAsync().ConfigureAwait(false);
        }

        private async Task<bool> AskWithinLimitAsync(List<IChangeToken> tokens, CancellationToken cancellationToken)
        {
            using var limit = new CancellationTokenSource(AnswerLimit, source._time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            return await AskAsync(tokens, either.Token).ConfigureAwait(false);
        }

        /// <summary>Asks with each form of the name until one has endpoints, and publishes what came of it.</summary>
        /// <returns>Whether only asking again would tell of some change.</returns>
        /// <exception cref="ProviderException">
        /// Nobody answered, and somebody failed: that is no "not found". Or the form failed that the last state came from.
        /// </exception>
        private async Task<bool> AskAsync(List<IChangeToken> tokens, CancellationToken cancellationToken)
        {
            ProviderException? failure = null;
            bool needsPolling = false;
            foreach (ProviderSet form in _forms)
            {
                try
                {
                    (IList<ServiceEndpoint> endpoints, bool polling) =
                        await form.PopulateAsync(tokens, cancellationToken).ConfigureAwait(false);
                    needsPolling |= polling;
                    if (endpoints.Count > 0)
                    {
                        _believed = form;
                        _emptySince = null;
                        Publish(Read(endpoints));
                        return needsPolling || failure is not null;
                    }
                }
                catch (ProviderException exception)
                {
                    failure ??= exception;
                    if (ReferenceEquals(form, _believed))
                    {
                        break;
                    }
                }
            }

            if (failure is not null)
            {
                throw failure;
            }

            if (IsDoubtful())
            {
                Lose($"{source.Name} have no endpoints any more");
                return true;
            }

            (_believed, _emptySince) = (null, null);
            Publish(EndpointSet.NotFound(source._factories.Length == 0
                ? "no provider of service discovery is registered; add one, as services.AddServiceDiscovery() does"
                : $"no provider of service discovery knows {string.Join(", ", _forms.Select(form => form.Query))}"));
            return needsPolling;
        }

        // The library's DNS resolver says nothing else when its server is out of order: one refresh period has to pass.
        private bool IsDoubtful()
        {
            if (_last.Endpoints.IsEmpty)
            {
                return false;
            }

            _emptySince ??= source._time.GetTimestamp();
            return source._time.GetElapsedTime(_emptySince.Value) < (source._refreshPeriod ?? DefaultRefreshPeriod);
        }

        private EndpointSet Read(IList<ServiceEndpoint> endpoints)
        {
            var read = new ProviderEndpoints(service, source.Report);
            foreach (ServiceEndpoint endpoint in endpoints)
            {
                read.Add(endpoint);
            }

            return EndpointSet.Known(
                read.ToImmutable(), read.IsEmpty ? $"{source.Name} gave {endpoints.Count} endpoints, none of which is of use" : null);
        }

        private async Task TellSilenceAsync(Task asking, CancellationToken cancellationToken)
        {
            if (await Task.WhenAny(asking, Task.Delay(Silence, source._time, cancellationToken)).ConfigureAwait(false) != asking)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Lose($"{source.Name} gave no answer within {Silence.TotalSeconds:0} s");
            }
        }

        private bool Register(ChangeWatch changes, List<IChangeToken> tokens)
        {
            try
            {
                tokens.ForEach(changes.Add);
                return true;
            }
            catch (Exception exception)
            {
                Lose($"{source.Name} failed: a change token: {ForeignText.OfCause(exception)}");
                return false;
            }
        }

        private void Publish(EndpointSet state)
        {
            if (_lost)
            {
                _lost = false;
                source.Recovered(service);
            }

            _last = state;
            latest.TryWrite(state);
        }

        private void Lose(string problem)
        {
            if (!_lost)
            {
                _lost = true;
                source.Failed(service, problem);
            }

            _last = _last with { Problem = problem };
            latest.TryWrite(_last);
        }

        // A provider is disposed when it no longer works for us, however long that takes.
        private async Task ReleaseAsync()
        {
            await _asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (ProviderSet form in _forms)
            {
                await form.ReleaseAsync().ConfigureAwait(false);
            }
        }
    }
}
