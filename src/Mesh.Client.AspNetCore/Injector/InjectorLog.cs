using Mesh.Client.AspNetCore.Server;
using Mesh.Client.Identity;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What is logged of pods; what strangers can cause is limited by <see cref="LogLimit"/>.</summary>
internal sealed partial class InjectorLog(TimeProvider time, ILogger<InjectorLog> logger)
{
    private readonly LogLimit _limit = new(time);

    public void Injected(string ns, string pod, Injection injection, bool isDryRun)
    {
        string containers = string.Join(", ", injection.Containers);
        if (isDryRun)
        {
            LogDryRun(ns, pod, containers, injection.Added);
        }
        else
        {
            LogInjected(ns, pod, containers, injection.Added);
        }
    }

    public void LeftOut(string ns, string pod, IReadOnlyList<string> warnings) => LogLeftOut(ns, pod, string.Join("; ", warnings));

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
}
