using Mesh.Client.Discovery.Configuration.Writing;

namespace Mesh.Client.Kubernetes.AspNetCore.Setup;

/// <summary>Writes the options as the settings that say them.</summary>
internal static class AuthorityWriter
{
    private static readonly MeshKubernetesAuthorityOptions BuiltIn = new();

    public static void Write(SettingList at, MeshKubernetesAuthorityOptions options)
    {
        at.Add(nameof(options.Enabled), options.Enabled, BuiltIn.Enabled);
        at.Add(nameof(options.Namespace), options.Namespace);
        at.Add(nameof(options.Audience), options.Audience, BuiltIn.Audience);
        at.Add(nameof(options.IdentityTemplate), options.IdentityTemplate, BuiltIn.IdentityTemplate);
        at.Add(nameof(options.IssuerSecret), options.IssuerSecret, BuiltIn.IssuerSecret);
        at.Add(nameof(options.MakeIssuer), options.MakeIssuer, BuiltIn.MakeIssuer);
        at.Add(nameof(options.TrustBundle), options.TrustBundle, BuiltIn.TrustBundle);
        at.Add(nameof(options.AnchorOverlap), options.AnchorOverlap, BuiltIn.AnchorOverlap);
        at.Add(nameof(options.AnchorLead), options.AnchorLead, BuiltIn.AnchorLead);
        at.Add(nameof(options.InjectorWebhook), options.InjectorWebhook, BuiltIn.InjectorWebhook);
        at.Add(nameof(options.MaxTokenReviews), options.MaxTokenReviews, BuiltIn.MaxTokenReviews);
        at.Add(nameof(options.TokenReviewTimeout), options.TokenReviewTimeout, BuiltIn.TokenReviewTimeout);
    }
}
