using System.Text;
using Mesh.Client.Kubernetes.Api;

namespace Mesh.Client.KubernetesTests.Api;

public sealed class ApiStreamTests
{
    [Fact]
    public async Task A_line_that_is_too_long_is_not_kept()
    {
        // 16 times what is taken of a line, then one that is good.
        using var body = new LongLine(16L * ApiStream.MaxLineBytes, "\n{}\n");
        ApiStream stream = await ApiStream.OpenAsync(
            new HttpResponseMessage { Content = new StreamContent(body) },
            TimeSpan.FromMinutes(1),
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        await using (stream)
        {
            // The body is there at once: all of it is read by this thread.
            long before = GC.GetAllocatedBytesForCurrentThread();
            ValueTask<System.Buffers.ReadOnlySequence<byte>?> reading = stream.ReadLineAsync();
            Assert.True(reading.IsCompleted);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.Equal(2, (await reading)!.Value.Length);
            Assert.Equal(1, stream.TooLong);
            Assert.InRange(allocated, 0, 2L * ApiStream.MaxLineBytes);
        }
    }

    /// <summary>So many letters, then the end.</summary>
    private sealed class LongLine(long letters, string end) : MemoryStream(Encoding.UTF8.GetBytes(end))
    {
        private long _left = letters;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0)
            {
                return base.ReadAsync(buffer, cancellationToken);
            }

            int count = (int)Math.Min(buffer.Length, _left);
            buffer.Span[..count].Fill((byte)'x');
            _left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
