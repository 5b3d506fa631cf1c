namespace Mesh.Client.Transport;

/// <summary>A connection to an endpoint could not be made: nothing of the request has left this process.</summary>
internal class ConnectFailedException(string message, Exception? inner) : IOException(message, inner)
{
    /// <summary>The one that is in an exception or behind it: the platform knows neither whom we expected nor who answered.</summary>
    public static ConnectFailedException? In(Exception? exception)
    {
        while (exception is not (null or ConnectFailedException))
        {
            exception = exception.InnerException;
        }

        return (ConnectFailedException?)exception;
    }
}
