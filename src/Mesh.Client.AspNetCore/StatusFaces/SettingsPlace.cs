using Mesh.Client.Discovery.Configuration.Writing;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Options of one kind, and the sections that they are read from.</summary>
/// <param name="Path">Where its settings stand that no section says.</param>
/// <param name="Sections">In the order in which they are read.</param>
/// <param name="Version">Another object once the options have changed.</param>
/// <param name="IsRefused">Whether what the sections say now was refused.</param>
/// <param name="Refused">How many changes were refused: another number, and the sections say something else.</param>
/// <param name="InForce">Writes the options that are in force.</param>
/// <param name="Read">Writes what one section alone says.</param>
/// <param name="IsFilled">Whether nobody said a setting, and Linkerd's chart or the pod did; null: never.</param>
internal sealed record SettingsPlace(
    Func<string> Path,
    IReadOnlyList<IConfigurationSection> Sections,
    Func<object> Version,
    Func<bool> IsRefused,
    Func<int> Refused,
    Func<SettingList> InForce,
    Func<IConfigurationSection, SettingList> Read,
    Func<Setting, bool>? IsFilled = null);
