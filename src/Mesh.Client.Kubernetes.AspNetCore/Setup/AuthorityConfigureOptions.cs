using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Kubernetes.AspNetCore.Setup;

/// <summary>
/// Reads <c>Authority:Kubernetes</c> below each section that the mesh reads. Throws nothing: errors wait for the validator.
/// </summary>
internal sealed class AuthorityConfigureOptions(IEnumerable<IConfigureOptions<MeshClientOptions>> mesh)
    : IConfigureOptions<MeshKubernetesAuthorityOptions>
{
    private const string Key = $"Authority:{Mesh.Client.AspNetCore.Authority.AuthorityConfigureOptions.OtherPackages}";

    public IConfigurationSection[] Sections { get; } =
        [.. mesh.OfType<MeshConfigureOptions>().Select(section => section.Section.GetSection(Key))];

    public static void Read(IConfigurationSection section, MeshKubernetesAuthorityOptions options)
    {
        options.SectionPath = section.Path;
        if (section.Exists())
        {
            new SectionCursor(section, options.ReadErrors).ReadInto(options, Read);
        }
    }

    public void Configure(MeshKubernetesAuthorityOptions options)
    {
        foreach (IConfigurationSection section in Sections)
        {
            Read(section, options);
        }
    }

    private static void Read(SectionCursor at, MeshKubernetesAuthorityOptions options)
    {
        options.Enabled = at.Flag(nameof(options.Enabled)) ?? options.Enabled;
        options.Namespace = at.Text(nameof(options.Namespace)) ?? options.Namespace;
        options.Audience = at.Text(nameof(options.Audience)) ?? options.Audience;
        options.IdentityTemplate = at.Text(nameof(options.IdentityTemplate)) ?? options.IdentityTemplate;
        options.IssuerSecret = at.Text(nameof(options.IssuerSecret)) ?? options.IssuerSecret;
        options.MakeIssuer = at.Flag(nameof(options.MakeIssuer)) ?? options.MakeIssuer;
        options.TrustBundle = at.Text(nameof(options.TrustBundle)) ?? options.TrustBundle;
        options.AnchorOverlap = at.Duration(nameof(options.AnchorOverlap)) ?? options.AnchorOverlap;
        options.AnchorLead = at.Duration(nameof(options.AnchorLead)) ?? options.AnchorLead;
        options.InjectorWebhook = at.Text(nameof(options.InjectorWebhook)) ?? options.InjectorWebhook;
        options.MaxTokenReviews = at.Int(nameof(options.MaxTokenReviews)) ?? options.MaxTokenReviews;
        options.TokenReviewTimeout = at.Duration(nameof(options.TokenReviewTimeout)) ?? options.TokenReviewTimeout;
    }
}
