namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Whom a setting is for, the fewest first: where there are too many, those of services are left out.</summary>
internal enum SettingScope
{
    Process,
    Defaults,
    Service,
}
