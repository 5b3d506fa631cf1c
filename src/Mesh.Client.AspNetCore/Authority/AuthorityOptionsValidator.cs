using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>Every rule about the authority's options; all that is wrong comes at once.</summary>
internal sealed class AuthorityOptionsValidator : IValidateOptions<MeshAuthorityOptions>
{
    private static readonly TimeSpan MinLeaf = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxLeaf = TimeSpan.FromDays(30);
    private static readonly TimeSpan MaxRoot = TimeSpan.FromDays(36500);

    public ValidateOptionsResult Validate(string? name, MeshAuthorityOptions options)
    {
        var problems = new Problems();
        problems.All.AddRange(options.ReadErrors);
        string path = options.SectionPath;
        if (options.Directory is { } directory && (string.IsNullOrWhiteSpace(directory) || directory.Contains('\0')))
        {
            problems.Add($"{path}:{nameof(options.Directory)}", "no path; leave it out where no authority is wanted");
        }

        problems.Range<TimeSpan>($"{path}:{nameof(options.LeafLifetime)}", options.LeafLifetime, MinLeaf, MaxLeaf);
        problems.Range<TimeSpan>($"{path}:{nameof(options.RootLifetime)}", options.RootLifetime, MinLeaf, MaxRoot);
        if (options.IntermediateLifetime < 2 * options.LeafLifetime.Duration() || options.IntermediateLifetime > options.RootLifetime)
        {
            problems.Add(
                $"{path}:{nameof(options.IntermediateLifetime)}",
                $"{options.IntermediateLifetime:c} is not from twice LeafLifetime ({options.LeafLifetime:c}) to RootLifetime "
                + $"({options.RootLifetime:c})");
        }

        return problems.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.All);
    }
}
