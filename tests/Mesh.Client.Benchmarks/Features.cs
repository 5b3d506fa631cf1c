using Mesh.Client.Tests.Runtime;

namespace Mesh.Client.Benchmarks;

/// <summary>A call with each feature on against one with nothing configured; nothing fails and the body is read.</summary>
internal static class Features
{
    public static void Run()
    {
        var comparison = new Comparison("First attempt with a feature on, over nothing configured", 20_000);
        Run(comparison, [.. Feature.All, null]);
    }

    /// <summary>
    /// What a service costs for which nothing is configured: rounds so short that most of them are left alone by what else runs.
    /// </summary>
    public static void RunNothing()
    {
        var comparison = new Comparison("First attempt with nothing configured, over a bare invoker", 1_000, rounds: 3_000);
        Run(comparison, [null, Feature.All[0]]);
    }

    private static void Run(Comparison comparison, Feature?[] features)
    {
        var clients = new List<FeatureClient>();
        foreach (Feature? feature in features)
        {
            Add(feature?.Name ?? "bare invoker", new FeatureClient(feature));
        }

        comparison.Run();
        clients.ForEach(client => client.Dispose());

        void Add(string name, FeatureClient client)
        {
            clients.Add(client);
            comparison.Add(name, client.Send);
        }
    }
}
