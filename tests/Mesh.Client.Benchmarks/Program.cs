using System.Globalization;
using Mesh.Client;
using Mesh.Client.Benchmarks;

// dotnet run -c Release --project tests/Mesh.Client.Benchmarks -- COMMAND [ARGUMENTS]
var commands = new Dictionary<string, Func<string[], Task>>
{
    ["churn"] = _ => Do(() => Array.ForEach(
        [
            LoadBalancingPolicyName.PeakEwma, LoadBalancingPolicyName.RoundRobin, LoadBalancingPolicyName.Random,
            LoadBalancingPolicyName.LeastRequest, LoadBalancingPolicyName.Maglev, LoadBalancingPolicyName.RingHash,
        ],
        Churn.Run)),
    ["features"] = _ => Do(Features.Run),
    ["first-attempt"] = _ => Do(FirstAttempt.Run),
    ["kubernetes-fanout"] = _ => KubernetesFanOut.RunAsync(),
    ["nothing"] = _ => Do(Features.RunNothing),
    ["picks"] = _ => Do(() => Array.ForEach([3, 100, 1000], Picks.Run)),
    ["telemetry"] = _ => Do(Telemetry.Run),

    // Started by others as processes of their own.
    ["kubernetes-fanout-clients"] = arguments =>
        FanOutClients.RunAsync(arguments[0], int.Parse(arguments[1], CultureInfo.InvariantCulture)),
};

if (args is not [var name, .. var rest] || !commands.TryGetValue(name, out Func<string[], Task>? command))
{
    Console.Error.WriteLine($"Name one of: {string.Join(", ", commands.Keys.Where(key => !key.EndsWith("-clients", StringComparison.Ordinal)))}");
    return 2;
}

await command(rest);
return 0;

static Task Do(Action run)
{
    run();
    return Task.CompletedTask;
}
