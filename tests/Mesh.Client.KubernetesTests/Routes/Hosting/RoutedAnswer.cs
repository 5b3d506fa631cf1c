using System.Net;

namespace Mesh.Client.KubernetesTests.Routes.Hosting;

/// <summary>What a call came to.</summary>
internal sealed record RoutedAnswer
{
    /// <summary>Null: it was answered.</summary>
    public MeshFailure? Failure { get; init; }

    public HttpStatusCode Status { get; init; }

    /// <summary>The service that answered; null: none did.</summary>
    public string? Service { get; init; }

    /// <summary>As the service saw it.</summary>
    public string? Path { get; init; }

    public string? Route { get; init; }

    public string? Location { get; init; }

    public int Attempts { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>A header as the service saw it; null: it saw none.</summary>
    public string? Saw(string name) => Headers.GetValueOrDefault($"saw-{name}");

    public static async Task<RoutedAnswer> ReadAsync(HttpResponseMessage response)
    {
        await response.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
        Dictionary<string, string> headers = response.Headers.Concat(response.Content.Headers).ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        MeshCallInfo? call = response.GetMeshCallInfo();
        return new RoutedAnswer
        {
            Status = response.StatusCode,
            Service = headers.GetValueOrDefault("x-service"),
            Path = headers.GetValueOrDefault("x-path"),
            Route = call?.Route,
            Attempts = call?.Attempts.Count ?? 0,
            Location = response.Headers.Location?.OriginalString,
            Headers = headers,
        };
    }
}
