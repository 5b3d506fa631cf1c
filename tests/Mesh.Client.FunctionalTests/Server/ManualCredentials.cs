using System.Runtime.CompilerServices;
using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.FunctionalTests.Server;

/// <summary>A source whose state the test sets.</summary>
internal sealed class ManualCredentials(CredentialUpdate first) : ICredentialSource
{
    private readonly Pulse _changed = new();
    private CredentialUpdate _current = first;

    public ManualCredentials(Credential? credential, TrustBundle? trust)
        : this(new CredentialUpdate { Credential = credential, TrustBundle = trust })
    {
    }

    public string Name => "the test";

    public void Set(Credential? credential, TrustBundle? trust)
    {
        _current = new CredentialUpdate { Credential = credential, TrustBundle = trust };
        _changed.Signal();
    }

    public async IAsyncEnumerable<CredentialUpdate> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = _changed.Signalled;
            yield return _current;
            await changed.WaitAsync(cancellationToken);
        }
    }
}
