using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What is added to a list of a pod.</summary>
internal interface IPatchValue
{
    void Write(Utf8JsonWriter json);
}
