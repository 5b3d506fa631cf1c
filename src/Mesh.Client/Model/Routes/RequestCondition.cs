using System.Collections.Immutable;

namespace Mesh.Client.Model.Routes;

/// <summary>What a request must be, as a tree (Linkerd's RequestMatch of service profiles). Equal by value.</summary>
internal abstract record RequestCondition
{
    /// <summary>Every one holds; without any it holds.</summary>
    public sealed record All(ImmutableArray<RequestCondition> Of) : RequestCondition
    {
        public bool Equals(All? other) => other is not null && Of.AsSpan().SequenceEqual(other.Of.AsSpan());

        public override int GetHashCode() => HashCode.Combine(nameof(All), Of.Length);
    }

    /// <summary>One holds; without any it does not.</summary>
    public sealed record Any(ImmutableArray<RequestCondition> Of) : RequestCondition
    {
        public bool Equals(Any? other) => other is not null && Of.AsSpan().SequenceEqual(other.Of.AsSpan());

        public override int GetHashCode() => HashCode.Combine(nameof(Any), Of.Length);
    }

    public sealed record Not(RequestCondition Of) : RequestCondition;

    /// <param name="Regex">For the whole path.</param>
    public sealed record Path(string Regex) : RequestCondition;

    public sealed record Method(string Name) : RequestCondition;
}
