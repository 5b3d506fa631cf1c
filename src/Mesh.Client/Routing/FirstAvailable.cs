namespace Mesh.Client.Routing;

/// <summary>The first backend in order that has an available endpoint (Linkerd's FirstAvailable).</summary>
internal static class FirstAvailable
{
    /// <summary>Where none is available the first, for the call to wait at.</summary>
    public static int Choose<TStates>(int count, in TStates states)
        where TStates : IBackendStates, allows ref struct
    {
        for (int i = 0; i < count; i++)
        {
            if (states.IsAvailable(i))
            {
                return i;
            }
        }

        return 0;
    }
}
