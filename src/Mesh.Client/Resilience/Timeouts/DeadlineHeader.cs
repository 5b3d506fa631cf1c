using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Client.Grpc;

namespace Mesh.Client.Resilience.Timeouts;

/// <summary>
/// The header in which a deadline travels: gRPC's own, else one of the policy's that counts milliseconds. Remembers what the caller wrote.
/// </summary>
internal sealed class DeadlineHeader
{
    private readonly string _name;
    private readonly string[]? _original;
    private readonly int _place;

    public DeadlineHeader(HttpRequestMessage request, string name)
    {
        _name = name;
        HttpHeadersNonValidated headers = request.Headers.NonValidated;
        if (headers.TryGetValues(name, out HeaderStringValues values))
        {
            _original = [.. values];
            foreach (KeyValuePair<string, HeaderStringValues> header in headers)
            {
                if (header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    break;
                }

                _place++;
            }
        }
    }

    /// <summary>What the caller's gRPC deadline was; null where it had none.</summary>
    public TimeSpan? Original => _original is [var text] && GrpcTimeout.TryParse(text, out TimeSpan timeout) ? timeout : null;

    private bool IsGrpc => ReferenceEquals(_name, GrpcTimeout.Header);

    /// <summary>What a request says. Null: nothing, or nothing that can be read.</summary>
    public static TimeSpan? Read(HttpRequestMessage request, string name)
    {
        if (!request.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values))
        {
            return null;
        }

        string text = values.ToString();
        return ReferenceEquals(name, GrpcTimeout.Header)
            ? GrpcTimeout.TryParse(text, out TimeSpan timeout) ? timeout : null
            : ReadMilliseconds(text);
    }

    /// <summary>Whole milliseconds; more than can be told is the longest time that can.</summary>
    public static TimeSpan? ReadMilliseconds(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds)
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond))
            : null;

    /// <summary>Rounded down, so that a deadline does not grow on its way. A time that has passed is 0.</summary>
    public static string WriteMilliseconds(TimeSpan left) =>
        (Math.Max(left.Ticks, 0) / TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture);

    public void Write(HttpRequestMessage request, TimeSpan left)
    {
        request.Headers.Remove(_name);
        request.Headers.TryAddWithoutValidation(_name, IsGrpc ? GrpcTimeout.Format(left) : WriteMilliseconds(left));
    }

    /// <summary>Gives back what the caller wrote, where it stood.</summary>
    public void Restore(HttpRequestMessage request)
    {
        HttpRequestHeaders headers = request.Headers;
        headers.Remove(_name);
        if (_original is null)
        {
            return;
        }

        // What is added comes last: so does, once more, what stood behind it.
        var after = new List<KeyValuePair<string, HeaderStringValues>>();
        int place = 0;
        foreach (KeyValuePair<string, HeaderStringValues> header in headers.NonValidated)
        {
            if (place++ >= _place)
            {
                after.Add(header);
            }
        }

        headers.TryAddWithoutValidation(_name, _original);
        foreach ((string name, HeaderStringValues values) in after)
        {
            headers.Remove(name);
            headers.TryAddWithoutValidation(name, values);
        }
    }
}
