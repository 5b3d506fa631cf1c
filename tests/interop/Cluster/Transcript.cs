using System.Buffers;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>What a person would have typed, and what came of it.</summary>
internal static class Transcript
{
    private static readonly SearchValues<char> Special = SearchValues.Create(" '\"?&{}[]*");

    public static void Title(string title) => Write($"\n## {title}\n");

    /// <summary>kubectl.</summary>
    public static async Task<string> KubectlAsync(params string[] arguments)
    {
        string output = await Command.RunAsync(Setting.Kubectl, arguments);
        Write($"$ kubectl {string.Join(' ', arguments.Select(Quoted))}\n{output}");
        return output;
    }

    /// <summary>curl, at a pod's own loopback or at a pod.</summary>
    public static async Task<string> CurlAsync(RunningPod pod, bool forwarded, string path, params string[] more)
    {
        string uri = $"http://{(forwarded ? "127.0.0.1" : pod.Address)}:8080{path}";
        string[] arguments = ["-sS", "--max-time", "10", .. more, uri];
        string output = forwarded
            ? await pod.Process!.RunInsideAsync("curl", arguments)
            : await Command.RunAsync("curl", arguments);
        string where = forwarded ? $"port-forward to {pod.Name}" : pod.Name;
        Write($"$ curl {string.Join(' ', more.Select(Quoted).Append(Quoted(uri)))}   # {where}\n{output}");
        return output;
    }

    public static void Write(string text)
    {
        if (Setting.Transcript is { } path)
        {
            File.AppendAllText(path, $"{text.TrimEnd('\n')}\n\n");
        }
    }

    private static string Quoted(string argument) => argument.AsSpan().ContainsAny(Special) ? $"'{argument}'" : argument;
}
