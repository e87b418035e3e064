namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>
/// What a name, key or attribute that is not there gives. It prints nothing, is false and empty; most other uses fail, with the sentence
/// of what was missing. Jinja's default Undefined, which transformers keeps.
/// </summary>
internal sealed class UndefinedValue(string message) : Value
{
    public string Message => message;

    public override string TypeName => "Undefined";

    public override int? Length => 0;

    public override bool IsCallable => true;

    public TemplateFailure Failure => new(message);

    public static UndefinedValue Name(string name) => new($"'{name}' is undefined");

    /// <summary>A key or an attribute that a value does not have.</summary>
    public static UndefinedValue Of(Value holder, Value key) => key is TextValue { Text: var name }
        ? new($"'{Kind(holder)}' has no attribute {Text.PythonText.Repr(name)}")
        : new($"{Kind(holder)} has no element {Shown(key)}");

    /// <summary>An attribute that exists and that templates are kept from.</summary>
    public static UndefinedValue Unsafe(Value holder, string attribute) =>
        new($"access to attribute {Text.PythonText.Repr(attribute)} of '{holder.TypeName}' object is unsafe.");

    public override IEnumerable<Value> Iterate() => [];

    public override Value? Item(Value key) => throw Failure;

    public override Value? Attribute(string name) => throw Failure;

    /// <summary>The sandbox hides them before Undefined can complain.</summary>
    public override bool Hides(string attribute) => (attribute.StartsWith("__", StringComparison.Ordinal) && attribute.EndsWith("__", StringComparison.Ordinal))
        || attribute.StartsWith("_undefined_", StringComparison.Ordinal);

    public override Value Call(CallArguments arguments, Budget budget) => throw Failure;

    public override void Repr(ReprWriter to) => to.Add("Undefined");

    public override string Str(Budget budget) => "";

    private static string Kind(Value holder) => holder is NoneValue ? "None" : $"{holder.TypeName} object";

    private static string Shown(Value key) => key is IntValue or FloatValue or BoolValue or NoneValue ? ReprWriter.Of(key, new Budget(new RenderLimits())) : $"of type {key.TypeName}";
}
