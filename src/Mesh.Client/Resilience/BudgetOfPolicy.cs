using Mesh.Client.Model;

namespace Mesh.Client.Resilience;

/// <summary>A policy's budget, made when it is first asked: of thousands of services most are hardly called.</summary>
internal sealed class BudgetOfPolicy(RetryBudgetPolicy policy, TimeProvider time)
{
    private RetryBudget? _value;

    public RetryBudget Value => Volatile.Read(ref _value) ?? First();

    private RetryBudget First()
    {
        var own = new RetryBudget(policy, time);
        return Interlocked.CompareExchange(ref _value, own, null) ?? own;
    }
}
