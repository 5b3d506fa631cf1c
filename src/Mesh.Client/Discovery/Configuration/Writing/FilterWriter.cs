namespace Mesh.Client.Discovery.Configuration.Writing;

/// <summary>Writes an entry of <c>Filters</c>.</summary>
internal static class FilterWriter
{
    private static readonly MeshRedirectOptions Redirect = new();
    private static readonly MeshFaultAbortOptions Abort = new();
    private static readonly MeshFaultDelayOptions Delay = new();
    private static readonly MeshMirrorOptions Mirror = new();

    public static void Write(SettingList at, MeshFilterOptions options)
    {
        at.Child(nameof(options.RequestHeaders), options.RequestHeaders, WriteHeaders);
        at.Child(nameof(options.ResponseHeaders), options.ResponseHeaders, WriteHeaders);
        at.Child(nameof(options.Rewrite), options.Rewrite, WriteRewrite);
        at.Child(nameof(options.Redirect), options.Redirect, WriteRedirect);
        at.Child(nameof(options.Fault), options.Fault, WriteFault);
        at.Child(nameof(options.Mirror), options.Mirror, WriteMirror);
    }

    private static void WriteHeaders(SettingList at, MeshHeaderChangeOptions options)
    {
        at.Texts(nameof(options.Add), options.Add);
        at.Texts(nameof(options.Set), options.Set);
        at.Texts(nameof(options.Remove), options.Remove);
    }

    private static void WriteRewrite(SettingList at, MeshRewriteOptions options)
    {
        at.Add(nameof(options.Host), options.Host);
        at.Add(nameof(options.Path), options.Path);
        at.Add(nameof(options.PathPrefix), options.PathPrefix);
    }

    private static void WriteRedirect(SettingList at, MeshRedirectOptions options)
    {
        at.Add(nameof(options.Scheme), options.Scheme);
        at.Add(nameof(options.Host), options.Host);
        at.Add(nameof(options.Port), options.Port);
        at.Add(nameof(options.Path), options.Path);
        at.Add(nameof(options.PathPrefix), options.PathPrefix);
        at.Add(nameof(options.Status), options.Status, Redirect.Status);
    }

    private static void WriteFault(SettingList at, MeshFaultOptions options)
    {
        at.Child(nameof(options.Abort), options.Abort, static (at, abort) =>
        {
            at.Add(nameof(abort.Status), abort.Status);
            at.Add(nameof(abort.GrpcStatus), abort.GrpcStatus);
            at.Add(nameof(abort.Message), abort.Message);
            at.Add(nameof(abort.Ratio), abort.Ratio, Abort.Ratio);
        });
        at.Child(nameof(options.Delay), options.Delay, static (at, delay) =>
        {
            at.Add(nameof(delay.Fixed), delay.Fixed);
            at.Add(nameof(delay.Header), delay.Header);
            at.Add(nameof(delay.Ratio), delay.Ratio, Delay.Ratio);
        });
        at.Add(nameof(options.MaxActive), options.MaxActive);
    }

    private static void WriteMirror(SettingList at, MeshMirrorOptions options)
    {
        at.Add(nameof(options.Service), options.Service);
        at.Add(nameof(options.Ratio), options.Ratio, Mirror.Ratio);
        at.Add(nameof(options.MaxBodyBytes), options.MaxBodyBytes, Mirror.MaxBodyBytes);
    }
}
