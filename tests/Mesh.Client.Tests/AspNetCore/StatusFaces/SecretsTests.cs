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
    [InlineData("hook;sig=hunter2")]
    [InlineData("Code = hunter2")]
    [InlineData("passphrase=hunter2")]
    [InlineData("access_token=hunter2")]
    [InlineData("auth=hunter2")]
    [InlineData("jwt=hunter2")]
    [InlineData("session=hunter2")]
    [InlineData("passwd=hunter2")]
    [InlineData("credential=hunter2")]
    public void Show_WhatLooksLikeASecret_IsHidden(string value) => Assert.Equal(Secrets.Hidden, Secrets.Show(":Namespace", value));

    [Theory]
    [InlineData(":Services:a:LoadBalancing:EndpointKey", "HashKey", "HashKey")]
    [InlineData(":Services:a:Routes:0:Matches:0:Headers:0:Name", "x-canary", "x-canary")]
    [InlineData(":Identity:CertificateFile", "/run/tls.crt", "/run/tls.crt")]
    [InlineData(":ControlPlane:Address", "http://user:hunter2@cp:8086", "http://cp:8086")]
    [InlineData(":ControlPlane:Address", "http://cp:8086/?t=hunter2", "http://cp:8086/")]
    [InlineData(":Server:Labels:hook", "/hook?t=hunter2", "/hook")]
    [InlineData(":Services:a:Filters:0:Redirect:Path", "hook?hunter2", "hook")]
    [InlineData(":Services:a:Filters:0:Rewrite:PathPrefix", "/hook?hunter2", "/hook")]
    [InlineData(":Services:a:Routes:0:Match:Path:Exact", "hook?hunter2", "hook")]
    [InlineData(":Services:a:Routes:0:Match:Path:Regex", "/items?/[0-9]+", "/items?/[0-9]+")]
    [InlineData(":Server:Labels:question", "what?", "what?")]
    public void Show_WhatIsNoSecret_IsShown(string path, string value, string shown) => Assert.Equal(shown, Secrets.Show(path, value));

    [Theory]
    [InlineData("Mesh:Namespace: 'two.labels' is no name.", "Mesh:Namespace: 'two.labels' is no name.")]
    [InlineData("InvalidOperationException", "InvalidOperationException")]
    [InlineData("Mesh:Registry:Token: 'hunter2' is too short.", "Mesh:Registry:Token: (not shown)")]
    [InlineData("Mesh:Registry:Token 'hunter2' is too short.", "(not shown)")]
    [InlineData("The password hunter2 is too short.", "(not shown)")]
    [InlineData("Bearer hunter2", "(not shown)")]
    [InlineData("Wrong is http://cp/?hunter2", "Wrong is http://cp/")]
    [InlineData("Mesh:Registry:Token: 'a\nhunter2' is too short.\nMesh:Namespace: is no name.",
        "Mesh:Registry:Token: (not shown)\n(not shown)\nMesh:Namespace: is no name.")]
    [InlineData("Mesh:Namespace: 'a\nb' is no name.", "Mesh:Namespace: 'a\nb' is no name.")]
    public void ShowProblem_WhereASecretMayStand_HidesIt(string problem, string shown) =>
        Assert.Equal(shown, Secrets.ShowProblem(problem));
}
