using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>A volume in one pod: under which name, whether it is there already, and where it is mounted.</summary>
internal sealed class PodVolumes
{
    private const int MaxNames = 100;

    private readonly Dictionary<string, bool> _isSame = new(StringComparer.Ordinal);
    private readonly IReadOnlySet<string> _readOnly;
    private readonly PodVolume _wanted;
    private readonly PodVolume? _named;
    private readonly string _path;

    /// <param name="volumes">The pod's own: a list, or nothing.</param>
    /// <param name="readOnly">The names of those that nothing can be mounted in.</param>
    public PodVolumes(JsonElement volumes, IReadOnlySet<string> readOnly, PodVolume wanted)
    {
        (_readOnly, _wanted, _path) = (readOnly, wanted, MountPaths.Normalize(wanted.MountPath));
        foreach (JsonElement volume in volumes.Items())
        {
            if (volume.Text("name") is { } name)
            {
                _isSame[name] = wanted.IsSame(volume) && _isSame.GetValueOrDefault(name, true);
            }
        }

        _named = Enumerable.Range(1, MaxNames)
            .Select(i => i == 1 ? wanted : wanted with { Name = $"{wanted.Name}-{i}" })
            .FirstOrDefault(named => _isSame.GetValueOrDefault(named.Name, true));
    }

    /// <summary>What has to be added to the pod; null: nothing.</summary>
    public PodVolume? Missing { get; private set; }

    /// <summary>Looks where it is, or would be, in a container.</summary>
    /// <param name="there">By which name the container has it; null: it has not.</param>
    /// <returns>Why it has not and cannot get it.</returns>
    public string? Problem(PodContainer container, out string? there)
    {
        string? problem = null;
        there = null;
        foreach (JsonElement mount in container.Mounts.Items())
        {
            if (mount.Text("mountPath") is not { } said)
            {
                continue;
            }

            string name = mount.Text("name") ?? "";
            string path = MountPaths.Normalize(said);
            if (path == _path)
            {
                // A name that no volume has yet may be the one that ours gets.
                bool isOurs = _isSame.GetValueOrDefault(name, name == _named?.Name)
                    && mount.NonEmptyText("subPath") is null && mount.NonEmptyText("subPathExpr") is null;
                there = isOurs ? name : null;
                return isOurs ? null : Left($"{_path} is taken by volume '{PodName.Plain(name)}'");
            }

            if (MountPaths.IsBelow(path, _path))
            {
                problem ??= Left($"{_path} is taken by volume '{PodName.Plain(name)}' at {PodName.Plain(path)}");
            }
            else if (MountPaths.IsBelow(_path, path)
                && (_readOnly.Contains(name) || mount.Member("readOnly").ValueKind is JsonValueKind.True))
            {
                problem ??= Left($"{_path} lies in volume '{PodName.Plain(name)}' at {PodName.Plain(said)}, which is read-only");
            }
        }

        return problem ?? (_named is null ? Left($"no name is left for the volume {_wanted.Name}") : null);
    }

    /// <summary>For a container that has it, or can get it.</summary>
    /// <param name="there">As <see cref="Problem"/> said.</param>
    /// <returns>Null where it is there.</returns>
    public VolumeMount? Mount(string? there)
    {
        Missing = _isSame.ContainsKey(there ?? _named!.Name) ? Missing : _named;
        return there is null ? new VolumeMount(_named!.Name, _path) : null;
    }

    private string Left(string why) => $"{why}; the {_wanted.What} cannot be mounted, and the container gets no identity";
}
