namespace Mesh.Client.Routing;

/// <summary>The first backend in order that has a weight and an available endpoint (Linkerd's FirstAvailable).</summary>
internal static class FirstAvailable
{
    /// <summary>Where none is available the first that has a weight, for the call to wait at.</summary>
    /// <param name="weights">0: never taken. Which other number it is does not matter.</param>
    /// <returns>-1: no backend has a weight.</returns>
    public static int Choose<TStates>(ReadOnlySpan<int> weights, in TStates states)
        where TStates : IBackendStates, allows ref struct
    {
        int first = -1;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
            {
                continue;
            }

            if (states.IsAvailable(i))
            {
                return i;
            }

            first = first < 0 ? i : first;
        }

        return first;
    }
}
