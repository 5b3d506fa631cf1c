namespace Mesh.Client.Balancing;

/// <summary>
/// The slots of a consistent hash, each an endpoint's index stored as small as the number of endpoints allows: one, two or
/// four bytes.
/// </summary>
internal readonly struct IndexTable
{
    private readonly byte[]? _bytes;
    private readonly ushort[]? _shorts;
    private readonly int[]? _ints;

    public IndexTable(int length, int endpoints)
    {
        Length = length;
        Endpoints = endpoints;
        switch (endpoints)
        {
            case <= byte.MaxValue + 1:
                _bytes = new byte[length];
                break;
            case <= ushort.MaxValue + 1:
                _shorts = new ushort[length];
                break;
            default:
                _ints = new int[length];
                break;
        }
    }

    public int Length { get; }

    public int Endpoints { get; }

    public int this[int slot]
    {
        get => _bytes is not null ? _bytes[slot] : _shorts is not null ? _shorts[slot] : _ints![slot];
        set
        {
            if (_bytes is not null)
            {
                _bytes[slot] = (byte)value;
            }
            else if (_shorts is not null)
            {
                _shorts[slot] = (ushort)value;
            }
            else
            {
                _ints![slot] = value;
            }
        }
    }
}
