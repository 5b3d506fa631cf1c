namespace Mesh.Client.Model.Routes;

/// <summary>How a path is compared.</summary>
internal enum PathMatchKind
{
    /// <summary>By whole segments, as the Gateway API has it: <c>/a</c> takes <c>/a</c> and <c>/a/b</c>, not <c>/ab</c>.</summary>
    Prefix,
    Exact,

    /// <summary>The whole path, as Linkerd's proxy has it.</summary>
    Regex,
}
