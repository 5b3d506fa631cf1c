using Mesh.Client.Benchmarks;

// dotnet run -c Release --project tests/Mesh.Client.Benchmarks
FirstAttempt.Run();
Picks.Run(3);
Picks.Run(100);
Picks.Run(1000);
