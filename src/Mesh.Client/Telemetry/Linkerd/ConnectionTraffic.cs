using Mesh.Client.Telemetry.Calls;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>What goes over one connection. A listener that throws does not end it.</summary>
internal sealed class ConnectionTraffic(LinkerdTcp tcp, LinkerdRequestTags tags, ZoneLocality zone, CallObservers observers)
{
    public void Opened()
    {
        try
        {
            tcp.Opened(tags);
        }
        catch (Exception e)
        {
            observers.Thrown(e);
        }
    }

    public void Closed()
    {
        try
        {
            tcp.Closed(tags);
        }
        catch (Exception e)
        {
            observers.Thrown(e);
        }
    }

    public void Read(int bytes)
    {
        try
        {
            tcp.Read(tags, zone, bytes);
        }
        catch (Exception e)
        {
            observers.Thrown(e);
        }
    }

    public void Wrote(int bytes)
    {
        try
        {
            tcp.Wrote(tags, zone, bytes);
        }
        catch (Exception e)
        {
            observers.Thrown(e);
        }
    }
}
