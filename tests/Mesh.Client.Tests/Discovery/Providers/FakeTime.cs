using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Discovery.Providers;

internal static class FakeTime
{
    /// <summary>Lets the clock run until the task is done.</summary>
    public static async Task<T> WaitingFor<T>(this Task<T> task, FakeTimeProvider time)
    {
        await Eventually.TrueAsync(() =>
        {
            if (!task.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
            }

            return task.IsCompleted;
        });
        return await task;
    }
}
