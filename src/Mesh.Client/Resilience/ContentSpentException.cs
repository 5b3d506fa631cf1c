namespace Mesh.Client.Resilience;

/// <summary>
/// A content was to be sent again that cannot be. SocketsHttpHandler does so of itself, to the same endpoint, with a request that it knows
/// not to have been processed.
/// </summary>
internal sealed class ContentSpentException()
    : InvalidOperationException("The content was sent in part, or is too long to copy; it cannot be sent again.")
{
    /// <summary>Whether one is in an exception or behind it.</summary>
    public static bool IsIn(Exception? exception)
    {
        while (exception is not (null or ContentSpentException))
        {
            exception = exception.InnerException;
        }

        return exception is not null;
    }
}
