namespace Mesh.Client.Kubernetes.Api;

/// <summary>What the API server answered, as an error in words.</summary>
internal static class ApiErrors
{
    /// <param name="status">What it said.</param>
    /// <param name="resource">Of what was asked.</param>
    /// <param name="verb">As RBAC names what was asked: <c>list</c>, <c>watch</c>, <c>create</c> and so on.</param>
    /// <param name="retryAfter">Of the response's header.</param>
    public static ApiException Of(ApiStatus status, ApiResource resource, string verb, TimeSpan? retryAfter = null)
    {
        retryAfter ??= status.RetryAfter;
        return status.Code switch
        {
            401 => new(
                ApiFailure.Unauthenticated,
                $"it does not accept this process's credential (401), which needs the verb '{verb}' on {resource.Name} {resource.Place}"),
            403 when status.IsTerminating => new(ApiFailure.Ending, $"the namespace {resource.Namespace} is being terminated"),
            403 => new(
                ApiFailure.Denied,
                $"RBAC does not give {status.User ?? "this process"} the verb '{verb}' on {resource.Name} {resource.Place}"),
            404 => new(ApiFailure.NotServed, $"it does not serve {resource.Name}/{resource.Version}"),
            409 => new(ApiFailure.Conflict, $"somebody else was faster with {resource}"),
            410 => new(ApiFailure.Gone, $"it no longer has the version of {resource.Name} that was asked for"),
            504 when status.IsTooLargeVersion =>
                new(ApiFailure.Gone, $"it does not have the version of {resource.Name} yet that was asked for"),
            400 or 422 => new(ApiFailure.Invalid, $"it does not take the request for {resource.Name}: {status}"),
            429 => new(ApiFailure.Busy, $"it wants fewer requests: {status}", retryAfter),
            503 when retryAfter is not null => new(ApiFailure.Busy, $"it is not ready: {status}", retryAfter),
            _ => new(ApiFailure.Failed, $"it answered {status}", retryAfter),
        };
    }
}
