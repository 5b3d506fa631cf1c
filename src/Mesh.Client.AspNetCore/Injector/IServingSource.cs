using Mesh.Client.Identity;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Where the injector's certificate comes from. Called by one thread at a time.</summary>
internal interface IServingSource
{
    /// <summary>In logs.</summary>
    string Name { get; }

    /// <param name="current">What is shown so far.</param>
    /// <param name="problem">Why there is no newer one although it is time; null where all is well.</param>
    /// <returns>What is to be shown from now on; null: as before.</returns>
    Credential? Look(Credential? current, out string? problem);
}
