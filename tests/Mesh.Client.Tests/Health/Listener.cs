using Mesh.Client.Health;

namespace Mesh.Client.Tests.Health;

internal sealed class Listener : IHealthListener
{
    public List<(AccrualState State, double Penalty)> Accruals { get; } = [];

    public List<string?> Connections { get; } = [];

    public void OnAccrual(AccrualState state, TimeSpan penalty) => Accruals.Add((state, penalty.TotalSeconds));

    public void OnConnection(string? error) => Connections.Add(error);
}
