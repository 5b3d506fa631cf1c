using Mesh.Client.AspNetCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.AspNetCore.Authority;

public sealed class AuthorityOptionsTests
{
    [Fact]
    public void Read_Section_SetsWhatIsWritten()
    {
        MeshAuthorityOptions options = Read(("Directory", "/ca"), ("LeafLifetime", "01:00:00"), ("IntermediateLifetime", "02:00:00"));

        Assert.Equal("/ca", options.Directory);
        Assert.Equal(TimeSpan.FromHours(1), options.LeafLifetime);
        Assert.Equal(TimeSpan.FromHours(2), options.IntermediateLifetime);
        Assert.Equal(TimeSpan.FromDays(3650), options.RootLifetime);
    }

    [Fact]
    public void Read_Nothing_IsNoAuthority() => Assert.Null(Read().Directory);

    [Theory]
    [InlineData("Directroy", "/ca", "Mesh:Authority:Directroy: unknown key; did you mean Directory?")]
    [InlineData("Directory", "", "Mesh:Authority:Directory: no path")]
    [InlineData("LeafLifetime", "1", "Mesh:Authority:LeafLifetime: '1' is no duration")]
    [InlineData("LeafLifetime", "00:00:09", "Mesh:Authority:LeafLifetime: 00:00:09 is not from 00:00:10 to 30.00:00:00")]
    [InlineData("LeafLifetime", "31.00:00:00", "Mesh:Authority:LeafLifetime: 31.00:00:00 is not from 00:00:10 to 30.00:00:00")]
    [InlineData("IntermediateLifetime", "47:59:59", "Mesh:Authority:IntermediateLifetime: '47:59:59' is no duration")]
    [InlineData("IntermediateLifetime", "1.23:59:59", "Mesh:Authority:IntermediateLifetime: 1.23:59:59 is not from twice LeafLifetime")]
    [InlineData("RootLifetime", "6.00:00:00", "Mesh:Authority:IntermediateLifetime: 7.00:00:00 is not from twice LeafLifetime")]
    public void Read_WrongValue_IsRefusedWithItsPath(string key, string value, string expected) => Assert.Contains(
        Assert.Throws<OptionsValidationException>(() => Read((key, value))).Failures,
        failure => failure.StartsWith(expected, StringComparison.Ordinal));

    private static MeshAuthorityOptions Read(params (string Key, string Value)[] keys)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(keys.Select(pair => KeyValuePair.Create($"Mesh:Authority:{pair.Key}", (string?)pair.Value)))
            .Build();
        using ServiceProvider services = new ServiceCollection()
            .AddMeshControlPlane(configuration.GetSection("Mesh")).BuildServiceProvider();
        return services.GetRequiredService<IOptions<MeshAuthorityOptions>>().Value;
    }
}
