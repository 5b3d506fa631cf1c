using System.Text.Json;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>One page of a list, as it was sent. Its items hold until disposal.</summary>
internal sealed class ApiPage : IAsyncDisposable
{
    /// <summary>A server's cache gives a list in one page, whatever the limit.</summary>
    private const int MaxBytes = 1024 * 1024 * 1024;

    private readonly ApiStream _stream;
    private readonly JsonDocument _document;

    private ApiPage(ApiStream stream, JsonDocument document, string version, string? next, JsonElement items) =>
        (_stream, _document, Version, Continue, Items) = (stream, document, version, next, items);

    /// <summary>Of the list: what a watch goes on from.</summary>
    public string Version { get; }

    /// <summary>Asks for the next page; null: this is the last.</summary>
    public string? Continue { get; }

    /// <summary>An array; something else where there is none.</summary>
    public JsonElement Items { get; }

    /// <param name="stream">Disposed with the page, which is made of its memory.</param>
    /// <exception cref="ApiException">The connection was lost, or brought no list.</exception>
    public static async Task<ApiPage> ReadAsync(ApiStream stream)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(await stream.ReadAllAsync(MaxBytes).ConfigureAwait(false));
            JsonElement metadata = document.RootElement.GetProperty("metadata");
            if (metadata.GetProperty("resourceVersion").GetString() is not { Length: > 0 } version)
            {
                throw new FormatException("its list has no version");
            }

            string? next = metadata.TryGetProperty("continue", out JsonElement token) ? token.GetString() : null;
            return new ApiPage(
                stream,
                document,
                version,
                string.IsNullOrEmpty(next) ? null : next,
                document.RootElement.TryGetProperty("items", out JsonElement items) ? items : default);
        }
        catch (Exception exception) when (
            exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            document?.Dispose();
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new ApiException(ApiFailure.Failed, "its answer is no list", cause: exception);
        }
        catch (Exception)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        _document.Dispose();
        return _stream.DisposeAsync();
    }
}
