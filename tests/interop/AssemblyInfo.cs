using Xunit.Sdk;
using Xunit.v3;

// One cluster, one set of addresses, and an API server that is taken away.
[assembly: Parallelization(Mode = ParallelMode.None)]
