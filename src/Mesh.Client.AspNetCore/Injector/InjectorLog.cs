using Mesh.Client.AspNetCore.Server;
using Mesh.Client.Identity;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What is logged of pods; what strangers can cause is limited by <see cref="LogLimit"/>.</summary>
internal sealed partial class InjectorLog(TimeProvider time, ILogger<InjectorLog> logger)
{
    /// <summary>Lines of one kind about pods.</summary>
    public const int PerSecond = 10;

    private const int MaxContainers = 16;

    private readonly LogLimit _limit = new(time);
    private readonly LogRate _injected = new(PerSecond, time);
    private readonly LogRate _leftOut = new(PerSecond, time);

    public void Injected(string ns, string pod, Injection injection, bool isDryRun)
    {
        if (!Allows(_injected, "PodInjected"))
        {
            return;
        }

        int more = injection.Containers.Count - MaxContainers;
        string containers = string.Join(", ", injection.Containers.Take(MaxContainers)) + (more > 0 ? $" and {more} more" : "");
        if (isDryRun)
        {
            LogDryRun(ns, pod, containers, injection.Added);
        }
        else
        {
            LogInjected(ns, pod, containers, injection.Added);
        }
    }

    public void LeftOut(string ns, string pod, IReadOnlyList<string> warnings)
    {
        if (Allows(_leftOut, "PodLeftOut"))
        {
            LogLeftOut(ns, pod, string.Join("; ", warnings));
        }
    }

    public void Refused(string problem)
    {
        if (_limit.Allows("review: " + problem))
        {
            LogRefused(problem);
        }
    }

    public void NoCertificate(string problem)
    {
        if (_limit.Allows("certificate: " + problem))
        {
            LogNoCertificate(problem);
        }
    }

    public void NotRenewed(DateTimeOffset until, string problem)
    {
        if (_limit.Allows("renewal: " + problem))
        {
            LogNotRenewed(until, problem);
        }
    }

    private bool Allows(LogRate rate, string name)
    {
        bool allowed = rate.Allows(out int leftOut);
        if (leftOut > 0)
        {
            LogNotLogged(leftOut, name, PerSecond);
        }

        return allowed;
    }

    [LoggerMessage(EventId = 1, EventName = "PodInjected", Level = LogLevel.Information,
        Message = "Injected into pod {Namespace}/{Pod}, containers {Containers}: {Added}.")]
    private partial void LogInjected(string @namespace, string pod, string containers, string added);

    [LoggerMessage(EventId = 2, EventName = "PodDryRun", Level = LogLevel.Information,
        Message = "Would inject into pod {Namespace}/{Pod}, containers {Containers}: {Added}. It is a dry run.")]
    private partial void LogDryRun(string @namespace, string pod, string containers, string added);

    [LoggerMessage(EventId = 3, EventName = "PodLeftOut", Level = LogLevel.Warning,
        Message = "Pod {Namespace}/{Pod} does not get all: {Warnings}.")]
    private partial void LogLeftOut(string @namespace, string pod, string warnings);

    [LoggerMessage(EventId = 4, EventName = "ReviewRefused", Level = LogLevel.Warning,
        Message = "What came for admission was refused: {Problem}.")]
    private partial void LogRefused(string problem);

    [LoggerMessage(EventId = 5, EventName = "ServingCertificateTaken", Level = LogLevel.Information,
        Message = "The injector is served with a new certificate from {Source}: {Certificate}.")]
    public partial void Certificate(Credential certificate, string source);

    [LoggerMessage(EventId = 6, EventName = "NoServingCertificate", Level = LogLevel.Warning,
        Message = "TLS handshake with the injector failed: there is no certificate to show: {Problem}.")]
    private partial void LogNoCertificate(string problem);

    [LoggerMessage(EventId = 7, EventName = "ServingCertificateNotRenewed", Level = LogLevel.Warning,
        Message = "The injector's certificate could not be renewed: {Problem}. The present one holds until {Expiry:u}.")]
    private partial void LogNotRenewed(DateTimeOffset expiry, string problem);

    [LoggerMessage(EventId = 8, EventName = "PodsNotLogged", Level = LogLevel.Warning,
        Message = "{Lines} lines {Name} were left out: no more than {Limit} are logged in a second.")]
    private partial void LogNotLogged(int lines, string name, int limit);
}
