using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Identity;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Kubernetes.AspNetCore.Setup;

/// <summary>Every rule about the options; all that is wrong comes at once.</summary>
internal sealed class AuthorityOptionsValidator(IOptions<MeshAuthorityOptions> authority, IOptions<MeshKubernetesOptions> kubernetes)
    : IValidateOptions<MeshKubernetesAuthorityOptions>
{
    private static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(365);
    private static readonly TimeSpan MaxLead = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, MeshKubernetesAuthorityOptions options)
    {
        var problems = new Problems();
        problems.All.AddRange(options.ReadErrors);
        string path = options.SectionPath;
        Named(nameof(options.IssuerSecret), options.IssuerSecret);
        Named(nameof(options.TrustBundle), options.TrustBundle);
        Named(nameof(options.Namespace), options.Namespace);
        Named(nameof(options.InjectorWebhook), options.InjectorWebhook.Length == 0 ? null : options.InjectorWebhook);
        problems.Refuse(
            string.IsNullOrWhiteSpace(options.Audience), $"{path}:{nameof(options.Audience)}",
            "empty: then a token that was made for the API server would do");
        problems.Refuse(
            ServiceAccountIdentity.Problem(options.IdentityTemplate) is not null, $"{path}:{nameof(options.IdentityTemplate)}",
            ServiceAccountIdentity.Problem(options.IdentityTemplate) ?? "");
        problems.Range<TimeSpan>($"{path}:{nameof(options.AnchorLead)}", options.AnchorLead, TimeSpan.Zero, MaxLead);
        problems.Range<int>($"{path}:{nameof(options.MaxTokenReviews)}", options.MaxTokenReviews, 1, 1000);
        problems.Positive($"{path}:{nameof(options.TokenReviewTimeout)}", options.TokenReviewTimeout);
        if (options.Enabled)
        {
            Others(problems, path, options);
        }

        return problems.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.All);

        void Named(string key, string? value) => problems.Refuse(
            value is not null && (DnsNames.Problem(value) is not null || value.Any(char.IsAsciiLetterUpper)),
            $"{path}:{key}",
            $"'{value}' is no name of an object in Kubernetes");
    }

    /// <summary>What other options say has validators of its own; where those refuse it they have said so.</summary>
    private void Others(Problems problems, string path, MeshKubernetesAuthorityOptions options)
    {
        try
        {
            problems.Refuse(
                authority.Value.Directory is not null, path,
                $"the issuer is read from a Secret, and {authority.Value.SectionPath}:Directory names another; "
                + $"leave one of them out, or set {path}:{nameof(options.Enabled)} to false");

            // The last one signs until the lead is over; what it signs then lives as long as everything else.
            problems.Range<TimeSpan>(
                $"{path}:{nameof(options.AnchorOverlap)}",
                options.AnchorOverlap,
                authority.Value.LeafLifetime + options.AnchorLead + CertificateFactory.Skew,
                MaxOverlap);
            problems.Refuse(
                !kubernetes.Value.Enabled, path,
                $"the API server is needed, and {kubernetes.Value.SectionPath}:Enabled is false; "
                + $"set {path}:{nameof(options.Enabled)} to false as well");
        }
        catch (OptionsValidationException)
        {
        }
    }
}
