using PeftCluster.Data.Chat.Jinja.Scoping;
using PeftCluster.Data.Chat.Jinja.Syntax;
using PeftCluster.Data.Chat.Jinja.Tree;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja;

/// <summary>
/// A template, read. It renders as transformers has Jinja2 render it: the immutable sandbox with trim_blocks and lstrip_blocks, loop
/// controls and the generation tag. Reading files, the network or the clock is not in the language, so there is nothing to keep it from;
/// the limits are on steps and text. Immutable; threads may share one.
/// </summary>
internal sealed class JinjaTemplate
{
    private readonly FunctionScope _function = new(null);
    private readonly ScopeEntry _scope;
    private readonly Block _body;

    private JinjaTemplate(Block body)
    {
        _body = body;
        var symbols = new Symbols(null, _function);
        body.Look(symbols);
        body.Bind(new Surroundings(symbols, Soft: false, InLoop: false));
        _scope = symbols.Entry();
        Marks = body.All().Any(statement => statement is GenerationStatement);
    }

    /// <summary>Whether there are generation blocks.</summary>
    public bool Marks { get; }

    /// <exception cref="TemplateFailure">What is no template.</exception>
    public static JinjaTemplate Parse(string template) => new(TemplateParser.Parse(template));

    /// <exception cref="TemplateFailure">The template refuses the variables, uses them as they cannot be used, or goes beyond the limits.</exception>
    public (string Text, IReadOnlyList<MarkedSpan> Marked) Render(IReadOnlyDictionary<string, Value> variables, DateTime now, RenderLimits? limits = null)
    {
        var rendering = new Rendering(variables, now, limits ?? new RenderLimits());
        var frame = new Activation(_function, null, rendering);
        _scope.Enter(frame);
        _body.Run(frame, rendering.Root);
        return (rendering.Root.Text, rendering.Marked);
    }
}
