using System.Globalization;
using Mesh.Client.Model;

namespace Mesh.Client.Transport;

/// <summary>One more connection would be more than the endpoint may have. It says nothing about the endpoint.</summary>
internal sealed class ConnectionLimitException(EndpointAddress address, int limit)
    : ConnectFailedException(string.Create(CultureInfo.InvariantCulture, $"{address}: has all the {limit} connections that it may"), null)
{
    public int Limit => limit;
}
