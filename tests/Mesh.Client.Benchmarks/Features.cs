using Mesh.Client.Tests.Runtime;

namespace Mesh.Client.Benchmarks;

/// <summary>A call with each feature on against one with nothing configured; nothing fails and the body is read.</summary>
internal static class Features
{
    public static void Run()
    {
        var comparison = new Comparison("First attempt with a feature on, over nothing configured", 20_000);
        var clients = new List<FeatureClient>();
        foreach (Feature feature in Feature.All)
        {
            Add(feature.Name, new FeatureClient(feature));
        }

        Add("bare invoker", new FeatureClient(null));
        comparison.Run();
        clients.ForEach(client => client.Dispose());

        void Add(string name, FeatureClient client)
        {
            clients.Add(client);
            comparison.Add(name, client.Send);
        }
    }
}
