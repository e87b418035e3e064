namespace PeftCluster.Data.Chat.Jinja.Scoping;

/// <summary>How a variable gets its first value when its scope is entered.</summary>
internal enum FirstValue
{
    /// <summary>From outside: an argument, the target of a loop.</summary>
    Parameter,

    /// <summary>From what the conversation brings, or a global function.</summary>
    Resolved,

    /// <summary>From the variable of the same name in a scope around.</summary>
    Outer,

    /// <summary>None, until it is set.</summary>
    Missing,
}

/// <summary>
/// The names of one scope (the template, a loop's body, a macro, …). Where a name means which variable follows from the text alone, by
/// Jinja's own rules (its idtracking): a name that a scope only reads is the outer one; one that it sets is its own, and starts as a copy of
/// the outer one.
/// </summary>
internal sealed class Symbols
{
    private readonly Symbols? _parent;
    private readonly int _level;
    private readonly FunctionScope _function;

    /// <summary>Variable of each name.</summary>
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    /// <summary>How each variable of this scope starts.</summary>
    private readonly Dictionary<string, (FirstValue Kind, Variable? Outer, string Name)> _starts = new(StringComparer.Ordinal);

    private readonly HashSet<string> _set = new(StringComparer.Ordinal);

    public Symbols(Symbols? parent, FunctionScope function) => (_parent, _function, _level) = (parent, function, parent is null ? 0 : parent._level + 1);

    private Symbols(Symbols source)
    {
        (_parent, _function, _level) = (source._parent, source._function, source._level);
        Absorb(source);
    }

    public FunctionScope Function => _function;

    /// <summary>A name is read.</summary>
    public void Load(string name)
    {
        if (Find(name) is null)
            Define(name, (FirstValue.Resolved, null, name));
    }

    /// <summary>A name is set.</summary>
    public void Store(string name)
    {
        _set.Add(name);
        if (_variables.ContainsKey(name))
            return;
        if (_parent?.Find(name) is { } outer)
            Define(name, (FirstValue.Outer, outer, name));
        else
            Define(name, (FirstValue.Missing, null, name));
    }

    /// <summary>A name is given a value from outside.</summary>
    public void Declare(string name)
    {
        _set.Add(name);
        Define(name, (FirstValue.Parameter, null, name));
    }

    /// <summary>
    /// The branches of an if, each looked at on a copy. What only a branch sets starts as the outer variable or the conversation's value, so
    /// that it is still there where the branch is not taken.
    /// </summary>
    public void Branches(IEnumerable<Action<Symbols>> looks)
    {
        List<Symbols> branches = [.. looks.Select(look =>
        {
            var branch = new Symbols(this);
            look(branch);
            return branch;
        })];
        HashSet<string> stored = [.. branches.SelectMany(branch => branch._set).Except(_set)];
        foreach (var branch in branches)
            Absorb(branch);
        foreach (var name in stored)
            _starts[_variables[name]] = _parent?.Find(name) is { } outer ? (FirstValue.Outer, outer, name) : (FirstValue.Resolved, null, name);
    }

    /// <summary>The variable that a name means here.</summary>
    public Variable? Find(string name) => _variables.TryGetValue(name, out var variable) ? new Variable(_function, _function.Slot(variable)) : _parent?.Find(name);

    public ScopeEntry Entry() => new([.. _starts.Select(start => (_function.Slot(start.Key), start.Value.Kind, start.Value.Outer?.From(_function), start.Value.Name))]);

    private void Define(string name, (FirstValue, Variable?, string) start)
    {
        // Scopes beside one another in one function share their variables, as they share Python's locals in Jinja.
        var variable = $"{_level} {name}";
        _variables[name] = variable;
        _starts[variable] = start;
    }

    private void Absorb(Symbols other)
    {
        foreach (var (name, variable) in other._variables)
            _variables[name] = variable;
        foreach (var (variable, start) in other._starts)
            _starts[variable] = start;
        _set.UnionWith(other._set);
    }
}

/// <summary>A piece of template that is called: the template itself, a macro, a recursive loop. Its variables live as long as the call, or longer where a macro that was made in it still sees them.</summary>
internal sealed class FunctionScope(FunctionScope? around)
{
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);

    public int Depth { get; } = around is null ? 0 : around.Depth + 1;

    public int Count => _slots.Count;

    public int Slot(string variable)
    {
        if (!_slots.TryGetValue(variable, out var slot))
            _slots.Add(variable, slot = _slots.Count);
        return slot;
    }
}

/// <summary>A variable: a slot of a function.</summary>
internal readonly record struct Variable(FunctionScope Function, int Slot)
{
    /// <summary>The variable as a function inside sees it.</summary>
    public Place From(FunctionScope function) => new(function.Depth - Function.Depth, Slot);
}

/// <summary>A slot, so many calls outward.</summary>
internal readonly record struct Place(int Outward, int Slot);
