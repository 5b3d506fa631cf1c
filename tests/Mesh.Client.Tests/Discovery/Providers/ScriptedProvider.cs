using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Tests.Discovery.Providers;

/// <summary>A provider that answers as the test tells it, only to the name <c>catalog</c> unless told otherwise.</summary>
internal sealed class ScriptedProvider : IServiceEndpointProviderFactory
{
    private ConfigurationReloadToken _change = new();
    private int _answers;

    /// <summary>Called for each question; null adds nothing.</summary>
    public Func<IServiceEndpointBuilder, CancellationToken, Task>? Answer { get; set; }

    public Func<ServiceEndpointQuery, bool> Knows { get; set; } = query => query.ServiceName == "catalog";

    /// <summary>Whether each answer comes with a token that <see cref="Change"/> fires.</summary>
    public bool GivesTokens { get; set; } = true;

    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Answers for names that it knows.</summary>
    public int Answers => Volatile.Read(ref _answers);

    public int Created { get; private set; }

    public int Disposed { get; private set; }

    public static ScriptedProvider Of(params string[] endpoints) => new ScriptedProvider().Says(endpoints);

    public ScriptedProvider Says(params string[] endpoints)
    {
        Answer = (builder, _) =>
        {
            foreach (string text in endpoints)
            {
                Assert.True(ServiceEndpoint.TryParse(text, out ServiceEndpoint? endpoint));
                builder.Endpoints.Add(endpoint);
            }

            return Task.CompletedTask;
        };
        return this;
    }

    public ScriptedProvider Fails(string message = "out of order")
    {
        Answer = (_, _) => throw new InvalidOperationException(message);
        return this;
    }

    /// <summary>Fires the token of the last answer.</summary>
    public void Change() => Interlocked.Exchange(ref _change, new ConfigurationReloadToken()).OnReload();

    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        Created++;
        provider = new Provider(this, query);
        return true;
    }

    private sealed class Provider(ScriptedProvider owner, ServiceEndpointQuery query) : IServiceEndpointProvider
    {
        public async ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
        {
            owner.Asked.Enqueue(query.ToString()!);
            if (owner.GivesTokens)
            {
                endpoints.AddChangeToken(owner._change);
            }

            if (owner.Knows(query))
            {
                Interlocked.Increment(ref owner._answers);
                await (owner.Answer?.Invoke(endpoints, cancellationToken) ?? Task.CompletedTask);
            }
        }

        public ValueTask DisposeAsync()
        {
            owner.Disposed++;
            return default;
        }

        public override string ToString() => "Scripted";
    }
}
