using System.Net.Http.Headers;
using System.Text;
using k8s;
using Mesh.Client.Identity;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>Who this process is to the API server. Asked for each request: tokens are rotated, and read anew by their providers.</summary>
internal sealed class ApiCredential(KubernetesClientConfiguration configuration)
{
    /// <returns>Null: it is known by its certificate, or not at all.</returns>
    /// <exception cref="ApiException">There is no token to be had.</exception>
    public async ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellationToken)
    {
        if (configuration.TokenProvider is { } provider)
        {
            try
            {
                return await provider.GetAuthenticationHeaderAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // What others say may hold what a plugin has printed.
                string reason = exception is IOException or UnauthorizedAccessException
                    ? FileContent.Reason(exception)
                    : exception.GetType().Name;
                throw new ApiException(ApiFailure.Unreachable, $"there is no token for it: {reason}");
            }
        }

        return configuration switch
        {
            { AccessToken: { } token } when token.Trim() is { Length: > 0 } trimmed => Bearer(trimmed),
            { Username: { Length: > 0 } user, Password: var password } =>
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))),
            _ => null,
        };
    }

    // A file that somebody edited ends in a new line.
    private static AuthenticationHeaderValue Bearer(string token) => token.AsSpan().ContainsAnyInRange('\0', ' ')
        ? throw new ApiException(ApiFailure.Unreachable, "there is no token for it: the one that is configured has spaces in it")
        : new AuthenticationHeaderValue("Bearer", token);
}
