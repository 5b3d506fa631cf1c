using Mesh.Client.Model.Routes;

namespace Mesh.Client.Routing;

/// <summary>A condition with its regular expressions compiled.</summary>
internal abstract class ConditionTest
{
    /// <exception cref="FormatException">A regular expression is none.</exception>
    public static ConditionTest Of(RequestCondition condition) => condition switch
    {
        RequestCondition.All all => new All([.. all.Of.Select(Of)]),
        RequestCondition.Any any => new Any([.. any.Of.Select(Of)]),
        RequestCondition.Not not => new Not(Of(not.Of)),
        RequestCondition.Path path => new Path(new RoutePattern(path.Regex)),
        RequestCondition.Method method => new Method(HttpMethod.Parse(method.Name)),
        _ => throw new FormatException($"{condition.GetType().Name} is no condition."),
    };

    public abstract bool Holds(in RequestView request);

    private sealed class All(ConditionTest[] tests) : ConditionTest
    {
        public override bool Holds(in RequestView request)
        {
            foreach (ConditionTest test in tests)
            {
                if (!test.Holds(request))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private sealed class Any(ConditionTest[] tests) : ConditionTest
    {
        public override bool Holds(in RequestView request)
        {
            foreach (ConditionTest test in tests)
            {
                if (test.Holds(request))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private sealed class Not(ConditionTest test) : ConditionTest
    {
        public override bool Holds(in RequestView request) => !test.Holds(request);
    }

    private sealed class Path(RoutePattern pattern) : ConditionTest
    {
        public override bool Holds(in RequestView request) => pattern.Matches(request.Path);
    }

    private sealed class Method(HttpMethod method) : ConditionTest
    {
        public override bool Holds(in RequestView request) => MethodTest.Is(request.Request.Method, method);
    }
}
