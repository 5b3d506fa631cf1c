using System.Text.Json.Nodes;
using CsCheck;
using Mesh.Client.AspNetCore.Injector;

namespace Mesh.Client.Tests.AspNetCore.Injector;

/// <summary>Whatever a pod looks like: what it said it still says, it gets no container, and a second pass changes nothing.</summary>
public sealed class OddPodTests
{
    private static readonly string[] Lists = ["containers", "initContainers", "ephemeralContainers"];

    private static readonly string[] Texts =
    [
        "web", "worker", "a/b~c", "", "mesh-client-token", "mesh-client-trust-bundle", "mesh-client-token-2", "POD_NAME", "Mesh__Namespace",
        "mesh:identity:source", "Mesh__Identity__Source", "ControlPlane", "Files", "Mesh__ControlPlane__Address", "Always", "enabled",
        "disabled", "mesh-trust-bundle", "/var/run/secrets/mesh.client", "/var/run/secrets/mesh.client/",
        "/var/run/mesh.client/trust-bundle",
        "linkerd-proxy", "web,worker", "mesh.client", "token", "ключ",
    ];

    private static readonly Gen<string> Text = Gen.Int[0, Texts.Length - 1].Select(i => Texts[i]);

    // What may stand where something else is expected.
    private static readonly Gen<JsonNode?> Odd = Gen.OneOf(
        Gen.Const(() => (JsonNode?)null),
        Gen.Const(() => (JsonNode?)7),
        Gen.Const(() => (JsonNode?)true),
        Gen.Const(() => (JsonNode?)new JsonObject()),
        Gen.Const(() => (JsonNode?)new JsonArray()),
        Text.Select(text => (JsonNode?)text));

    private static readonly Gen<JsonNode?> Name = Mostly(Text.Select(text => (JsonNode?)text));

    private static readonly Gen<JsonNode?> Variable = Mostly(Object(("name", Name), ("value", Name), ("valueFrom", Odd)));
    private static readonly Gen<JsonNode?> Mount = Mostly(Object(("name", Name), ("mountPath", Name), ("readOnly", Odd)));

    private static readonly Gen<JsonNode?> Container = Mostly(Object(
        ("name", Name), ("env", List(Variable)), ("volumeMounts", List(Mount)), ("restartPolicy", Name), ("ports", Odd)));

    private static readonly Gen<JsonNode?> Volume = Mostly(Object(
        ("name", Name),
        ("configMap", Mostly(Object(("name", Name)))),
        ("projected", Mostly(Object(("sources", List(Mostly(Object(
            ("serviceAccountToken", Mostly(Object(("audience", Name), ("path", Name)))))))))))));

    private static readonly Gen<JsonNode?> Metadata = Mostly(Object(
        ("name", Name),
        ("labels", Mostly(Object((InjectorNames.Inject, Name)))),
        ("annotations", Mostly(Object((InjectorNames.Containers, Name), (InjectorNames.Injected, Name), ("a/b~c", Odd))))));

    private static readonly Gen<JsonNode?> Spec = Mostly(Object(
        ("serviceAccountName", Name), ("containers", List(Container)), ("initContainers", List(Container)),
        ("ephemeralContainers", List(Container)), ("volumes", List(Volume)), ("future", Odd)));

    private static readonly Gen<JsonNode?> Pod = Object(("metadata", Metadata), ("spec", Spec));

    [Fact]
    public void Inject_OddPod_OnlyAdds() => Pod.Sample(
        node =>
        {
            JsonNode pod = node!;
            JsonNode patched = JsonPatchApplier.Apply(pod, PodInjectorTests.Inject(pod).Patch);

            AssertKept(pod, patched, "");
            foreach (string list in Lists)
            {
                Assert.Equal(Count(pod, list), Count(patched, list));
            }

            Assert.Empty(PodInjectorTests.Inject(patched).Patch);
        },
        iter: 20_000);

    private static int Count(JsonNode pod, string list) => ((pod["spec"] as JsonObject)?[list] as JsonArray)?.Count ?? -1;

    // What is null counts as not there; lists only grow at their end.
    private static void AssertKept(JsonNode? before, JsonNode? after, string path)
    {
        switch (before)
        {
            case null:
                break;
            case JsonObject members:
                foreach ((string key, JsonNode? member) in members)
                {
                    AssertKept(member, Assert.IsType<JsonObject>(after)[key], $"{path}/{key}");
                }

                break;
            case JsonArray items:
                JsonArray longer = Assert.IsType<JsonArray>(after);
                Assert.True(longer.Count >= items.Count, path);
                for (int i = 0; i < items.Count; i++)
                {
                    AssertKept(items[i], longer[i], $"{path}/{i}");
                }

                break;
            default:
                Assert.True(JsonNode.DeepEquals(before, after), path);
                break;
        }
    }

    private static Gen<JsonNode?> Mostly(Gen<JsonNode?> gen) => Gen.Frequency((19, gen), (1, Odd));

    private static Gen<JsonNode?> List(Gen<JsonNode?> item) =>
        Mostly(item.Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(one => one?.DeepClone())])));

    // Each member is there three times of four.
    private static Gen<JsonNode?> Object(params (string Key, Gen<JsonNode?> Value)[] members) =>
        members.Aggregate(
            Gen.Const(() => new JsonObject()),
            (all, member) => Gen.Select(all, member.Value, Gen.Int[0, 3]).Select((before, value, dice) =>
            {
                JsonObject next = before.DeepClone().AsObject();
                if (dice > 0)
                {
                    next[member.Key] = value?.DeepClone();
                }

                return next;
            }))
        .Select(all => (JsonNode?)all);
}
