using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>Counts what the application's own balancers do wrong for one service, and logs each kind once a minute at most.</summary>
internal sealed partial class BalancerFaults(ServiceRuntime service)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly long[] _logged = new long[Enum.GetValues<BalancerFault>().Length];

    public void Report(string balancer, BalancerFault fault, Exception? exception = null)
    {
        service.Metrics.BalancerFault(service.Name.Authority, balancer, fault);
        ref long logged = ref _logged[(int)fault];
        long last = Volatile.Read(ref logged);
        long now = service.Now;
        bool isDue = last == 0 || service.Time.GetElapsedTime(last, now) >= LogInterval;
        if (isDue && Interlocked.CompareExchange(ref logged, now, last) == last)
        {
            Log.Faulty(service.Logger, service.Name.Authority, balancer, Words(fault), exception);
        }
    }

    public void NotDisposed(string balancer, Exception exception) =>
        Log.NotDisposed(service.Logger, service.Name.Authority, balancer, exception);

    /// <summary>What the call tells of a pick that another had to make.</summary>
    public static string Words(BalancerFault fault) => fault switch
    {
        BalancerFault.NotMade => "the balancer could not be made",
        BalancerFault.Threw => "the balancer threw",
        BalancerFault.OutOfRange => "the balancer picked an index that no endpoint has",
        _ => "the balancer picked an endpoint that may not be picked",
    };

    private static partial class Log
    {
        [LoggerMessage(5, LogLevel.Error,
            "{Service}, policy {Balancer}: {Fault}; two choices by load pick instead. Told once a minute at most")]
        public static partial void Faulty(ILogger logger, string service, string balancer, string fault, Exception? exception);

        [LoggerMessage(6, LogLevel.Error, "{Service}, policy {Balancer}: the balancer threw when it was disposed")]
        public static partial void NotDisposed(ILogger logger, string service, string balancer, Exception exception);
    }
}
