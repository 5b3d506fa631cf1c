using System.Diagnostics;
using System.Globalization;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary><c>openssl s_server</c>: TLS 1.3 by somebody else, which demands a client certificate of one authority.</summary>
internal sealed class OpenSslServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;
    private Task _output = Task.CompletedTask;

    private OpenSslServer(Credential shown, TestCa trusted)
    {
        string chain = _folder.Write("tls.crt", TestCa.ChainPem(shown));
        var start = new ProcessStartInfo("openssl")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "s_server", "-accept", "127.0.0.1:0", "-tls1_3",
                "-cert", chain, "-cert_chain", chain, "-key", _folder.Write("tls.key", TestCa.KeyPem(shown)),
                "-Verify", "2", "-verify_return_error", "-CAfile", _folder.Write("ca.crt", trusted.Root.ExportCertificatePem()),
            },
        };
        _process = Process.Start(start)!;
        _process.BeginErrorReadLine();
    }

    public int Port { get; private set; }

    public static async Task<OpenSslServer> StartAsync(Credential shown, TestCa trusted)
    {
        var server = new OpenSslServer(shown, trusted);
        string? line;
        do
        {
            // "ACCEPT 127.0.0.1:41234"
            line = await server._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (line is not null && !line.StartsWith("ACCEPT", StringComparison.Ordinal));
        server.Port = int.Parse(line!.AsSpan(line!.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
        server._output = server._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _output;
        _process.Dispose();
        _folder.Dispose();
    }
}
