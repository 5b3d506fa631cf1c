using System.Text;
using k8s.Models;
using Mesh.Client.AspNetCore;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.Api;

namespace Mesh.Client.Kubernetes.AspNetCore.Tokens;

/// <summary>
/// Has the API server say who bears a token: a service account, whose name follows from it. What is not made for our audience is nobody's.
/// </summary>
/// <param name="server">Asked.</param>
/// <param name="options">Audience, template, and how many at once.</param>
/// <param name="log">Told what people have to do something about.</param>
internal sealed class TokenReviewValidator(ApiServer server, MeshKubernetesAuthorityOptions options, TokenReviewLog log)
    : ITokenValidator, IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.MaxTokenReviews);

    public async ValueTask<TokenValidation> ValidateAsync(
        ReadOnlyMemory<byte> token, string identity, CancellationToken cancellationToken)
    {
        if (token.Span.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return TokenValidation.Invalid("the token is not printable text without spaces");
        }

        if (TokenGlance.Problem(token.Span, options.Audience, server.Time.GetUtcNow()) is { } problem)
        {
            return TokenValidation.NotAuthenticated(problem);
        }

        using var patience = new CancellationTokenSource(options.TokenReviewTimeout, server.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await _slots.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                return await ReviewAsync(Encoding.ASCII.GetString(token.Span), either.Token).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            string reason = $"the API server did not judge it within {options.TokenReviewTimeout.TotalSeconds:0.###} s";
            log.Unavailable(server.Name, reason);
            return TokenValidation.Unavailable(reason);
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task<TokenValidation> ReviewAsync(string token, CancellationToken cancellationToken)
    {
        var review = new V1TokenReview
        {
            ApiVersion = "authentication.k8s.io/v1",
            Kind = "TokenReview",
            Spec = new V1TokenReviewSpec { Token = token, Audiences = [options.Audience] },
        };
        try
        {
            V1TokenReview answer = await server.WriteAsync<V1TokenReview>(
                ApiWrite.Create(ClusterObjects.TokenReviews, review), cancellationToken).ConfigureAwait(false);
            return Judge(answer.Status, token);
        }
        catch (ApiException exception)
        {
            // Without the cause, and with nothing that the server may have repeated.
            string problem = Without(token, exception.Message);
            bool isOurs = exception.Failure is ApiFailure.Denied or ApiFailure.Unauthenticated;
            if (isOurs)
            {
                log.Denied(server.Name, problem);
            }
            else
            {
                log.Unavailable(server.Name, problem);
            }

            return TokenValidation.Unavailable(isOurs
                ? "the control plane may not ask the API server about tokens; its log says what is missing"
                : $"the API server does not answer: {problem}");
        }
    }

    private TokenValidation Judge(V1TokenReviewStatus? status, string token)
    {
        if (status?.Authenticated != true)
        {
            return TokenValidation.NotAuthenticated(Reason(status?.Error is { Length: > 0 } error ? Without(token, error) : null));
        }

        // A server that does not know of audiences answers without them: it has checked none.
        if (status.Audiences?.Contains(options.Audience) != true)
        {
            return TokenValidation.NotAuthenticated(
                $"the API server does not say that it is for the audience {options.Audience}; the pod's projected token has to name it");
        }

        string user = RpcReason.Clean(status.User?.Username ?? "");
        if (!ServiceAccountIdentity.TryParseUser(status.User?.Username, out string? ns, out string? account))
        {
            return TokenValidation.NotAuthenticated($"it is not a service account's but {user}'s");
        }

        return ServiceAccountIdentity.Fill(ns, account, options.IdentityTemplate) is { } identity
            ? TokenValidation.Accept(identity.Name)
            : TokenValidation.NotAuthenticated($"{user} makes no name by the template {options.IdentityTemplate}");
    }

    private string Reason(string? error) => error switch
    {
        null => "the API server does not know it",
        _ when error.Contains("expired", StringComparison.OrdinalIgnoreCase) => $"it has expired (the API server says: {error})",
        _ when error.Contains("audience", StringComparison.OrdinalIgnoreCase) =>
            $"it is not for the audience {options.Audience} (the API server says: {error})",
        _ => $"the API server says: {error}",
    };

    // The parts of a token alone are as good as the token to whoever guesses the rest.
    private static string Without(string token, string text)
    {
        foreach (string part in token.Split('.').Prepend(token))
        {
            text = part.Length >= 8 ? text.Replace(part, "(token)", StringComparison.Ordinal) : text;
        }

        return RpcReason.Clean(text);
    }
}
