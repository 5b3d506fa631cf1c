namespace Mesh.Client.Discovery.Configuration;

/// <summary>Reads an entry of <c>Filters</c>.</summary>
internal static class FilterReader
{
    public static void Read(SectionCursor at, MeshFilterOptions options)
    {
        options.RequestHeaders = at.Child(nameof(options.RequestHeaders), options.RequestHeaders, ReadHeaders);
        options.ResponseHeaders = at.Child(nameof(options.ResponseHeaders), options.ResponseHeaders, ReadHeaders);
        options.Rewrite = at.Child(nameof(options.Rewrite), options.Rewrite, ReadRewrite);
        options.Redirect = at.Child(nameof(options.Redirect), options.Redirect, ReadRedirect);
        options.Fault = at.Child(nameof(options.Fault), options.Fault, ReadFault);
        options.Mirror = at.Child(nameof(options.Mirror), options.Mirror, ReadMirror);
    }

    private static void ReadHeaders(SectionCursor at, MeshHeaderChangeOptions options)
    {
        ReadValues(at, nameof(options.Add), options.Add);
        ReadValues(at, nameof(options.Set), options.Set);
        options.Remove = at.Texts(nameof(options.Remove));
    }

    private static void ReadValues(SectionCursor at, string key, IDictionary<string, string> values)
    {
        foreach (SectionCursor header in at.Entries(key))
        {
            if (header.AsText() is { } text)
            {
                values[header.Key] = text;
            }
        }
    }

    private static void ReadRewrite(SectionCursor at, MeshRewriteOptions options)
    {
        options.Host = at.Text(nameof(options.Host));
        options.Path = at.Text(nameof(options.Path));
        options.PathPrefix = at.Text(nameof(options.PathPrefix));
    }

    private static void ReadRedirect(SectionCursor at, MeshRedirectOptions options)
    {
        options.Scheme = at.Text(nameof(options.Scheme));
        options.Host = at.Text(nameof(options.Host));
        options.Port = at.Int(nameof(options.Port));
        options.Path = at.Text(nameof(options.Path));
        options.PathPrefix = at.Text(nameof(options.PathPrefix));
        options.Status = at.Int(nameof(options.Status)) ?? options.Status;
    }

    private static void ReadFault(SectionCursor at, MeshFaultOptions options)
    {
        options.Abort = at.Child(nameof(options.Abort), options.Abort, ReadAbort);
        options.Delay = at.Child(nameof(options.Delay), options.Delay, ReadDelay);
        options.MaxActive = at.Int(nameof(options.MaxActive));
    }

    private static void ReadAbort(SectionCursor at, MeshFaultAbortOptions options)
    {
        options.Status = at.Int(nameof(options.Status));
        options.GrpcStatus = at.Choice<global::Grpc.Core.StatusCode>(nameof(options.GrpcStatus));
        options.Message = at.Text(nameof(options.Message));
        options.Ratio = at.Number(nameof(options.Ratio)) ?? options.Ratio;
    }

    private static void ReadDelay(SectionCursor at, MeshFaultDelayOptions options)
    {
        options.Fixed = at.Duration(nameof(options.Fixed));
        options.Header = at.Text(nameof(options.Header));
        options.Ratio = at.Number(nameof(options.Ratio)) ?? options.Ratio;
    }

    private static void ReadMirror(SectionCursor at, MeshMirrorOptions options)
    {
        options.Service = at.Text(nameof(options.Service)) ?? options.Service;
        options.Ratio = at.Number(nameof(options.Ratio)) ?? options.Ratio;
        options.MaxBodyBytes = at.Int(nameof(options.MaxBodyBytes)) ?? options.MaxBodyBytes;
    }
}
