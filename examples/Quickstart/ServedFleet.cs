using System.Text.Json;

namespace Quickstart;

/// <summary>How another terminal finds the fleet that runs under <c>--serve</c>: a file in the user's own folder.</summary>
/// <param name="ControlPlane">Where it listens.</param>
/// <param name="Folder">The authority's: token and anchors.</param>
/// <param name="FrontEnd">Where the front end says who is there.</param>
/// <param name="ProcessId">Whose fleet it is.</param>
internal sealed record ServedFleet(Uri ControlPlane, string Folder, Uri FrontEnd, int ProcessId)
{
    private static readonly string Place = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
        "mesh-quickstart");

    private static string File => Path.Combine(Place, "fleet.json");

    /// <summary>Makes it known; the last one counts.</summary>
    public void Publish()
    {
        // For the user alone: it says where the token lies.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Place);
        }
        else
        {
            Directory.CreateDirectory(Place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Whole at once: who reads it never finds half.
        string next = Path.Combine(Place, $"{ProcessId}.next");
        using (var stream = new FileStream(next, options))
        {
            JsonSerializer.Serialize(stream, this);
        }

        System.IO.File.Move(next, File, overwrite: true);
    }

    /// <summary>Takes it back, unless another fleet has come since.</summary>
    public void Withdraw()
    {
        if (Read() == this)
        {
            System.IO.File.Delete(File);
        }
    }

    /// <summary>Null where none was published, or one whose process has ended without a word.</summary>
    public static async Task<ServedFleet?> FindAsync() => Read() is { } fleet && await fleet.SharesAsync() is not null ? fleet : null;

    /// <summary>Who is there and how many keys each has; null when the fleet is gone.</summary>
    public async Task<IReadOnlyDictionary<string, int>?> SharesAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            return await http.GetFromJsonAsync<Dictionary<string, int>>(new Uri(FrontEnd, "instances"));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException)
        {
            return null;
        }
    }

    private static ServedFleet? Read()
    {
        try
        {
            return JsonSerializer.Deserialize<ServedFleet>(System.IO.File.ReadAllText(File));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
