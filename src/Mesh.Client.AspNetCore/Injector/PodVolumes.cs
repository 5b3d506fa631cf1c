using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>A volume in one pod: under which name, whether it is there already, and where it is mounted.</summary>
internal sealed class PodVolumes
{
    private const int MaxNames = 100;

    private readonly JsonElement _volumes;
    private readonly PodVolume _wanted;
    private readonly PodVolume? _named;
    private readonly bool _isThere;

    /// <param name="volumes">The pod's own: a list, or nothing.</param>
    public PodVolumes(JsonElement volumes, PodVolume wanted)
    {
        (_volumes, _wanted) = (volumes, wanted);
        for (int i = 1; i <= MaxNames; i++)
        {
            PodVolume named = i == 1 ? wanted : wanted with { Name = $"{wanted.Name}-{i}" };
            JsonElement[] taken = [.. volumes.Items().Where(volume => volume.Text("name") == named.Name)];
            if (taken.Length == 0 || Array.TrueForAll(taken, wanted.IsSame.Invoke))
            {
                (_named, _isThere) = (named, taken.Length > 0);
                break;
            }
        }
    }

    /// <summary>What has to be added to the pod; null: nothing.</summary>
    public PodVolume? Missing { get; private set; }

    /// <summary>Null where the container has it, or has something else at its place.</summary>
    public VolumeMount? Mount(PodContainer container, List<string> warnings)
    {
        string path = MountPaths.Normalize(_wanted.MountPath);
        string[] there = [.. container.Mounts.Items()
            .Where(mount => MountPaths.Normalize(mount.Text("mountPath")) == path)
            .Select(mount => mount.Text("name") ?? "")];
        if (there.Length > 0)
        {
            if (!_volumes.Items().Any(volume => volume.Text("name") == there[0] && _wanted.IsSame(volume)))
            {
                warnings.Add($"container '{PodName.Plain(container.Name)}': {path} is taken by volume "
                    + $"'{PodName.Plain(there[0])}'; the {_wanted.What} is not mounted there");
            }

            return null;
        }

        if (_named is null)
        {
            warnings.Add($"no name is left for the volume {_wanted.Name}");
            return null;
        }

        Missing = _isThere ? null : _named;
        return new VolumeMount(_named.Name, path);
    }
}
