namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>For tests that measure or listen to the whole process: they run one by one, after all others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
