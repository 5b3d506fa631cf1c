namespace Mesh.Client.Kubernetes.Routes;

/// <summary>Whether a Service that a route names is there, with the port that it names.</summary>
internal enum BackendAnswer
{
    /// <summary>Not known yet, or not to be known: it is taken to be there, and its endpoints decide.</summary>
    Unknown,

    /// <summary>A definite no: the calls that are for it are answered with 500.</summary>
    Missing,

    Known,
}
