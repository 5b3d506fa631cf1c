using System.Threading.Channels;

namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>A watch that is open: what it is still to be sent.</summary>
internal sealed class OpenWatch(ApiCall call, ListSelector selector)
{
    private readonly Channel<Word> _words = Channel.CreateUnbounded<Word>();

    public enum Kind
    {
        Line,
        Raw,
        End,
        Drop,
        Silence,
    }

    public ApiCall Call { get; } = call;

    public ListSelector Selector { get; } = selector;

    public ChannelReader<Word> Words => _words.Reader;

    public void Say(Kind kind, string text = "") => _words.Writer.TryWrite(new Word(kind, text));

    public readonly record struct Word(Kind Kind, string Text);
}
