namespace Mesh.Client.Transport;

/// <summary>Whoever hands out an authenticated connection for use.</summary>
internal interface ITlsOwner
{
    /// <summary>The anchor that vouched for one of its connections is trusted no longer: nothing new goes over them.</summary>
    void Distrust();

    /// <summary>One of its connections, which had counted as made, was refused by the peer before a word was said.</summary>
    /// <param name="why">For errors.</param>
    void Refused(string why);
}
