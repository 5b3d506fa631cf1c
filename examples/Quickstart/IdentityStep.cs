namespace Quickstart;

/// <summary>Both sides of every connection know who is at the other end.</summary>
internal static class IdentityStep
{
    public static async Task RunAsync(Report report, string protocol, Func<string, Task<Answer>> call)
    {
        Report.Section($"{protocol}: who speaks with whom (mutual TLS, certificates from the control plane)");
        Answer answer = await call(Tour.Key(0));
        report.Check($"{protocol}: the client saw", answer.Identity, answer.Identity == Identities.Catalog);
        report.Check($"{protocol}: the instance saw", answer.Seen.Caller, answer.Seen.Caller == Identities.Web);
    }
}
