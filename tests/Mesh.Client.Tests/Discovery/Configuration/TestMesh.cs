using System.Text;
using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Discovery.Configuration;

/// <summary>The configuration room put together as the registration puts it together.</summary>
internal sealed class TestMesh : IDisposable
{
    private readonly ServiceProvider _services;

    public TestMesh(IConfiguration configuration, Action<MeshClientOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(new LoggerFactory([new FakeLoggerProvider(Logs)]));
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddOptions();
        services.AddSingleton<IConfigureOptions<MeshClientOptions>>(new MeshConfigureOptions(configuration.GetSection("Mesh")));
        services.AddSingleton<IValidateOptions<MeshClientOptions>, OptionsValidator>();
        services.AddSingleton<MeshConfiguration>();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        _services = services.BuildServiceProvider();
    }

    public FakeLogCollector Logs { get; } = FakeLogCollector.Create(new FakeLogCollectorOptions());

    public MeshConfiguration Configuration => _services.GetRequiredService<MeshConfiguration>();

    public static IConfigurationRoot Json(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

    public static IConfigurationRoot Pairs(params (string Key, string? Value)[] pairs) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(pairs.Select(pair => KeyValuePair.Create(pair.Key, pair.Value)))
            .Build();

    /// <summary>Reads and validates; fails the test on any error.</summary>
    public static MeshClientOptions Options(string json)
    {
        using var mesh = new TestMesh(Json(json));
        return mesh.Configuration.Current;
    }

    public static string[] Errors(string json) => Errors(Json(json));

    public static string[] Errors(IConfiguration configuration, Action<MeshClientOptions>? configure = null)
    {
        using var mesh = new TestMesh(configuration, configure);
        return [.. Assert.Throws<OptionsValidationException>(() => mesh.Configuration).Failures];
    }

    public static string[] Errors(Action<MeshClientOptions> configure)
    {
        var options = new MeshClientOptions();
        configure(options);
        return [.. new OptionsValidator().Validate("", options).Failures ?? []];
    }

    public void Dispose() => _services.Dispose();
}
