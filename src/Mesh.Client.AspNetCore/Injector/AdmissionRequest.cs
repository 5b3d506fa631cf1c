using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What is used of the request of an <c>AdmissionReview</c>.</summary>
/// <param name="Uid">Goes back in the answer.</param>
/// <param name="Namespace">The pod's; it need not say it itself.</param>
/// <param name="IsCreation">A pod that comes to be: at any other operation its volumes and environment cannot be changed.</param>
/// <param name="IsDryRun">Nothing outside of the answer may come of it.</param>
/// <param name="Pod">An object where the pod comes to be.</param>
internal sealed record AdmissionRequest(string Uid, string Namespace, bool IsCreation, bool IsDryRun, JsonElement Pod)
{
    private const string ApiVersion = "admission.k8s.io/v1";
    private const string Kind = "AdmissionReview";

    /// <param name="problem">Why it is no review of a pod.</param>
    public static AdmissionRequest? TryRead(JsonElement review, out string? problem)
    {
        JsonElement request = review.Member("request");
        problem = Problem(review, request);
        string ns = request.Text("namespace") ?? "";
        string operation = request.Text("operation") ?? "";
        bool isCreation = operation == "CREATE" && request.NonEmptyText("subResource") is null;
        JsonElement pod = request.Member("object");
        problem ??= isCreation && ns.Length == 0 ? "request.namespace is missing"
            : isCreation && pod.ValueKind is not JsonValueKind.Object ? "request.object is no object"
            : null;
        bool isDryRun = request.Member("dryRun").ValueKind is JsonValueKind.True;
        return problem is null ? new AdmissionRequest(request.Text("uid")!, ns, isCreation, isDryRun, pod) : null;
    }

    private static string? Problem(JsonElement review, JsonElement request)
    {
        if (review.Text("kind") != Kind)
        {
            return $"kind is {Said(review.Text("kind"))}, not {Kind}";
        }

        if (review.Text("apiVersion") != ApiVersion)
        {
            return $"apiVersion is {Said(review.Text("apiVersion"))}, and only {ApiVersion} is served: "
                + "the webhook's admissionReviewVersions must be [\"v1\"]";
        }

        if (request.ValueKind is not JsonValueKind.Object)
        {
            return "request is missing";
        }

        if (request.NonEmptyText("uid") is null)
        {
            return "request.uid is missing";
        }

        JsonElement kind = request.Member("kind");
        return kind.Text("kind") == "Pod" && kind.Text("version") == "v1" && kind.Text("group") is null or ""
            ? request.NonEmptyText("operation") is null ? "request.operation is missing" : null
            : $"request.kind is {Said(kind.Text("kind"))}, and only pods of v1 are injected into: the webhook's rules must name no other";
    }

    private static string Said(string? text) => text is null ? "missing" : $"'{PodName.Plain(text)}'";
}
