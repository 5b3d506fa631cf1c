namespace Mesh.Client.Tests.Discovery.Configuration;

public sealed class IdentityRulesTests
{
    private const string Name = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";

    [Theory]
    [InlineData("""{ "Identity": { "Mode": "Strict" } }""", "Mesh:Identity:Mode: Strict needs a source of certificates: set Source")]
    [InlineData("""{ "Identity": { "Source": "Files" } }""",
        "Mesh:Identity:CertificateFile: missing", "Mesh:Identity:TrustBundle: missing")]
    [InlineData("""{ "Identity": { "Source": "ControlPlane", "Name": "spiffe://a/b" } }""",
        "Mesh:Identity:Name: 'spiffe://a/b' is no DNS name; write the identity that is asked for")]
    [InlineData("""{ "Identity": { "Source": "ControlPlane", "Name": "a" }, "ControlPlane": { "Address": "http://127.0.0.1:1" } }""",
        "Mesh:Identity:TrustBundle: missing",
        "Mesh:Identity:TokenFile: missing",
        "Mesh:ControlPlane:Identity: missing; the token goes only to a control plane whose certificate can be verified")]
    [InlineData("""{ "Identity": { "Source": "Spiffe", "Name": "catalog", "Socket": "/run/agent.sock" } }""",
        "Mesh:Identity:Name: 'catalog' is no SPIFFE ID, such as spiffe://shop.example/catalog",
        "Mesh:Identity:Socket: '/run/agent.sock' is no unix socket, such as unix:///run/spire/agent.sock")]
    [InlineData("""{ "ControlPlane": { "Address": "http://127.0.0.1:1", "Identity": "cp" } }""",
        "Mesh:ControlPlane:Identity: without Identity:Source nothing can be verified; set both or neither")]
    [InlineData(
        """{ "Identity": { "Source": "Files", "CertificateFile": "a", "TrustBundle": "b" }, "ControlPlane": { "Identity": "*.cp" } }""",
        "Mesh:ControlPlane:Identity: '*.cp' is neither a DNS name nor an absolute URI")]
    [InlineData(
        """
        { "Identity": { "Source": "Files", "Mode": "Strict", "CertificateFile": "a", "TrustBundle": "b" },
          "ControlPlane": { "Address": "http://127.0.0.1:1" } }
        """,
        "Mesh:ControlPlane:Identity: missing; under Mode Strict the control plane is not asked in plaintext")]
    public void Validate_Contradiction_IsRefusedWithItsPath(string mesh, params string[] errors) =>
        Assert.Equal(errors, TestMesh.Errors($$"""{ "Mesh": {{mesh}} }"""));

    [Theory]
    [InlineData("""{ "Source": "None" }""")]
    [InlineData("""{ "Source": "Files", "Mode": "Strict", "CertificateFile": "a", "TrustBundle": "b" }""")]
    [InlineData("""{ "Source": "Spiffe", "Socket": "unix:///run/agent.sock", "Name": "spiffe://shop.example/catalog" }""")]
    [InlineData($$"""{ "Source": "ControlPlane", "Name": "{{Name}}" }""")]
    public void Validate_WhatMakesSense_IsTaken(string identity) =>
        Assert.NotNull(TestMesh.Options($$"""{ "Mesh": { "Identity": {{identity}} } }""").Identity);

    [Theory]
    [InlineData("""{ "Identity": "*.shop" }""", "Identity: '*.shop' is neither a DNS name nor an absolute URI")]
    [InlineData("""{ "Framing": "Https" }""", "Framing: Https needs an Identity: whom to expect there")]
    [InlineData("""{ "Framing": "Plaintext", "Identity": "a" }""",
        "Framing: Plaintext, but the endpoint has an Identity; leave one of them out")]
    [InlineData("""{ "ServerName": "a" }""", "ServerName: it needs an Identity")]
    [InlineData("""{ "Identity": "a", "ServerName": "a b" }""", "ServerName: 'a b' is no DNS name")]
    [InlineData("""{ "Identity": "a", "InboundPort": 4143 }""", "InboundPort: it needs the Framing TransportHeader")]
    [InlineData("""{ "Identity": "a", "Framing": "TransportHeader", "InboundPort": 0 }""", "InboundPort: 0 is not from 1 to 65535")]
    [InlineData("""{ "Framing": "Tls" }""", "Framing: 'Tls' is unknown; choose from Plaintext, MeshTls, TransportHeader, Https")]
    public void Validate_EndpointThatContradictsItself_IsRefusedWithItsPath(string endpoint, string error) => Assert.Equal(
        [$"Mesh:Services:a:Endpoints:0:{error}"],
        TestMesh.Errors($$"""{ "Mesh": { "Services": { "a": { "Endpoints": [ { "Address": "h:1", {{endpoint[1..]}} ] } } } }"""));
}
