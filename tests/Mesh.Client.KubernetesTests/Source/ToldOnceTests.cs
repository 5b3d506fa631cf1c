using Mesh.Client.Kubernetes.Source;

namespace Mesh.Client.KubernetesTests.Source;

public sealed class ToldOnceTests
{
    [Fact]
    public void Each_is_told_once_and_no_more_of_them_than_are_kept()
    {
        var told = new ToldOnce<int>();

        int[] all = [.. Enumerable.Range(0, 3 * ToldOnce<int>.Most).Where(i => told.IsNew(i) && !told.IsNew(i))];

        Assert.Equal(Enumerable.Range(0, ToldOnce<int>.Most), all);
    }
}
