using System.Globalization;

namespace Mesh.Client.Resilience.Timeouts;

/// <summary>What ran out.</summary>
internal enum TimeoutKind
{
    /// <summary>The policy's time for the whole exchange.</summary>
    Request,

    /// <summary>What the caller's own header left.</summary>
    Caller,

    /// <summary>What was left of the deadline of the request that is being served.</summary>
    Ambient,

    /// <summary>The policy's time for one attempt.</summary>
    Attempt,

    /// <summary>The policy's time for a try that another may follow.</summary>
    Try,

    /// <summary>The policy's time from the last request byte to the response head.</summary>
    ResponseHead,

    /// <summary>The policy's time from the last request byte to the end of the response.</summary>
    Response,

    /// <summary>The policy's time between two pieces of a body.</summary>
    Idle,
}

/// <summary>Says it to a person.</summary>
internal static class TimeoutWords
{
    public static string Of(TimeoutKind kind, TimeSpan limit)
    {
        string time = string.Create(CultureInfo.InvariantCulture, $"{limit.TotalSeconds:0.###} s");
        return kind switch
        {
            TimeoutKind.Request => $"not answered in full within the request timeout of {time}",
            TimeoutKind.Caller => $"not answered in full by the caller's deadline, which was {time} away",
            TimeoutKind.Ambient => $"not answered in full by the deadline of the request that is being served, which was {time} away",
            TimeoutKind.Attempt => $"no response head within the attempt timeout of {time}",
            TimeoutKind.Try => $"no response head within the retry timeout of {time}",
            TimeoutKind.ResponseHead => $"no response head within the response head timeout of {time} after the request was sent",
            TimeoutKind.Response => $"no whole response within the response timeout of {time} after the request was sent",
            _ => $"no byte came or went within the idle timeout of {time}",
        };
    }
}
