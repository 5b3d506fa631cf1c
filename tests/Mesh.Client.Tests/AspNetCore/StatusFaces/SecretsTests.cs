using Mesh.Client.AspNetCore.StatusFaces;

namespace Mesh.Client.Tests.AspNetCore.StatusFaces;

public sealed class SecretsTests
{
    [Theory]
    [InlineData(":Database:Password")]
    [InlineData(":Server:Labels:db_passwd")]
    [InlineData(":Server:Labels:api-key")]
    [InlineData(":Server:Labels:key")]
    [InlineData(":Server:Labels:ClientSecret")]
    [InlineData(":Registry:Token")]
    [InlineData(":Identity:PrivateKeyFile")]
    [InlineData(":ConnectionString")]
    [InlineData(":Credentials:0")]
    [InlineData(":Services:a:Filters:0:RequestHeaders:Set:x-tenant")]
    [InlineData(":Services:a:Routes:0:Matches:0:Headers:0:Value")]
    [InlineData(":Services:a:Routes:0:Matches:0:Query:0:Regex")]
    public void Show_WhatItsNameMakesASecret_IsHidden(string path) => Assert.Equal(Secrets.Hidden, Secrets.Show(path, "hunter2"));

    [Theory]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("Bearer abc")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.e30.abc")]
    public void Show_WhatLooksLikeASecret_IsHidden(string value) => Assert.Equal(Secrets.Hidden, Secrets.Show(":Namespace", value));

    [Theory]
    [InlineData(":Services:a:LoadBalancing:EndpointKey", "HashKey", "HashKey")]
    [InlineData(":Services:a:Routes:0:Matches:0:Headers:0:Name", "x-canary", "x-canary")]
    [InlineData(":Identity:CertificateFile", "/run/tls.crt", "/run/tls.crt")]
    [InlineData(":ControlPlane:Address", "http://user:hunter2@cp:8086", "http://cp:8086")]
    [InlineData(":ControlPlane:Address", "http://cp:8086/?t=hunter2", "http://cp:8086/")]
    public void Show_WhatIsNoSecret_IsShown(string path, string value, string shown) => Assert.Equal(shown, Secrets.Show(path, value));
}
