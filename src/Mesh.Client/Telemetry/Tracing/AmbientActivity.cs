using System.Diagnostics;

namespace Mesh.Client.Telemetry.Tracing;

/// <summary>
/// The current activity for a while. The whole context is put back and not the property: an activity that has stopped meanwhile, as in what
/// an ended request left running, could not be set again.
/// </summary>
internal readonly struct AmbientActivity
{
    private readonly ExecutionContext? _context;
    private readonly Activity? _before;

    private AmbientActivity(ExecutionContext? context, Activity? before)
    {
        _context = context;
        _before = before;
    }

    public static AmbientActivity Enter(Activity? activity)
    {
        var ambient = new AmbientActivity(ExecutionContext.Capture(), Activity.Current);
        if (!ReferenceEquals(ambient._before, activity))
        {
            Activity.Current = activity;
        }

        return ambient;
    }

    public void Leave()
    {
        if (_context is not null)
        {
            ExecutionContext.Restore(_context);
        }
        else
        {
            // Nothing flows here.
            Activity.Current = _before;
        }
    }
}
