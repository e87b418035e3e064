using System.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja;

/// <summary>One rendering: its variables, its budget, its text so far, and what <c>generation</c> blocks have marked in it.</summary>
internal sealed class Rendering(IReadOnlyDictionary<string, Value> variables, DateTime now, RenderLimits limits)
{
    private readonly Dictionary<string, Value> _globals = Globals.For(now);

    public Budget Budget { get; } = new(limits);

    /// <summary>The text itself. Macros and captured blocks write elsewhere first.</summary>
    public Output Root { get; } = new();

    public List<MarkedSpan> Marked { get; } = [];

    /// <summary>A variable of the conversation, else a global function, else null.</summary>
    public Value? Resolve(string name) => variables.TryGetValue(name, out var value) ? value : _globals.GetValueOrDefault(name);
}

/// <summary>Text on its way: the result, or what a macro or a captured block has written.</summary>
internal sealed class Output
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public string Text => _text.ToString();

    public void Write(string text, Budget budget)
    {
        budget.Text(text.Length);
        _text.Append(text);
    }
}

/// <summary>What a <c>generation</c> block gave: the chars of the text as transformers counts them, from where the text was when the block began.</summary>
/// <param name="Line">The block's line.</param>
/// <param name="Captured">The block's text went into a macro or captured block, so where it ended up is not known (transformers counts from the text before the call).</param>
internal readonly record struct MarkedSpan(int Start, int End, int Line, bool Captured);
