using PeftCluster.Data.Chat.Jinja.Tree;

namespace PeftCluster.Data.Chat.Jinja.Syntax;

/// <summary>
/// Expressions, from the loosest sign to the tightest: if-else, or, and, not, comparisons, + −, ~, * / // %, **, signs, then filters and
/// tests. Two surprises are Jinja's: ~ binds tighter than +, and −2 ** 2 is 4.
/// </summary>
internal sealed class ExpressionParser(TokenReader tokens)
{
    private readonly OperandParser _operands = new(tokens);

    public Expression Parse(bool withCondition = true)
    {
        tokens.Enter();
        var expression = withCondition ? Condition() : Or();
        tokens.Leave();
        return expression;
    }

    /// <summary>An expression, or several with commas between them, which are a tuple.</summary>
    /// <param name="ends">A name that ends it, such as recursive.</param>
    public Expression ParseTuple(bool withCondition = true, string? ends = null, bool inParentheses = false)
    {
        var (line, items, isTuple) = (tokens.Line, new List<Expression>(), false);
        while (true)
        {
            if (items.Count > 0)
                tokens.NeedOperator(",");
            if (IsTupleEnd(ends))
                break;
            items.Add(Parse(withCondition));
            if (!tokens.IsOperator(","))
                break;
            isTuple = true;
        }
        if (!isTuple && items.Count > 0)
            return items[0];
        return isTuple || inParentheses ? new SequenceExpression(items, isTuple: true) { Line = line }
            : throw new TemplateFailure($"Expected an expression, got '{tokens.Current.Described}'", tokens.Line);
    }

    private bool IsTupleEnd(string? ends) => tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || tokens.IsOperator(")") || (ends is not null && tokens.IsName(ends));

    private Expression Condition()
    {
        var line = tokens.Line;
        var value = Or();
        while (tokens.SkipName("if"))
        {
            var test = Or();
            Expression? other = null;
            if (tokens.SkipName("else"))
            {
                tokens.Enter();
                other = Condition();
                tokens.Leave();
            }
            value = new ConditionalExpression(test, value, other) { Line = line };
            line = tokens.Line;
        }
        return value;
    }

    private Expression Or()
    {
        var (line, left) = (tokens.Line, And());
        while (tokens.SkipName("or"))
            left = new LogicExpression(isAnd: false, left, And()) { Line = line };
        return left;
    }

    private Expression And()
    {
        var (line, left) = (tokens.Line, Not());
        while (tokens.SkipName("and"))
            left = new LogicExpression(isAnd: true, left, Not()) { Line = line };
        return left;
    }

    private Expression Not()
    {
        var line = tokens.Line;
        if (!tokens.SkipName("not"))
            return Compare();
        tokens.Enter();
        var operand = Not();
        tokens.Leave();
        return new NotExpression(operand) { Line = line };
    }

    private Expression Compare()
    {
        var (line, first, links) = (tokens.Line, Sum(), new List<(string, Expression)>());
        while (Comparison() is { } sign)
            links.Add((sign, Sum()));
        return links.Count == 0 ? first : new CompareExpression(first, links) { Line = line };
    }

    private string? Comparison()
    {
        if (tokens.Current is { Kind: TokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" })
            return tokens.Take().Text;
        if (tokens.SkipName("in"))
            return "in";
        if (!tokens.IsName("not") || !tokens.Following.IsName("in"))
            return null;
        tokens.Take();
        tokens.Take();
        return "not in";
    }

    private Expression Sum()
    {
        var (line, left) = (tokens.Line, Concat());
        while (tokens.IsOperator("+") || tokens.IsOperator("-"))
            left = new BinaryExpression(tokens.Take().Text, left, Concat()) { Line = line };
        return left;
    }

    private Expression Concat()
    {
        var (line, operands) = (tokens.Line, new List<Expression> { Product() });
        while (tokens.SkipOperator("~"))
            operands.Add(Product());
        return operands.Count == 1 ? operands[0] : new ConcatExpression(operands) { Line = line };
    }

    private Expression Product()
    {
        var (line, left) = (tokens.Line, Power());
        while (tokens.Current is { Kind: TokenKind.Operator, Text: "*" or "/" or "//" or "%" })
            left = new BinaryExpression(tokens.Take().Text, left, Power()) { Line = line };
        return left;
    }

    private Expression Power()
    {
        var (line, left) = (tokens.Line, Unary());
        while (tokens.SkipOperator("**"))
            left = new BinaryExpression("**", left, Unary()) { Line = line };
        return left;
    }

    private Expression Unary(bool withFilter = true)
    {
        var line = tokens.Line;
        Expression operand;
        if (tokens.IsOperator("-") || tokens.IsOperator("+"))
        {
            var negative = tokens.Take().Text == "-";
            tokens.Enter();
            operand = new SignExpression(negative, Unary(withFilter: false)) { Line = line };
            tokens.Leave();
        }
        else
        {
            operand = _operands.Primary(this);
        }
        operand = _operands.Postfix(operand, this);
        return withFilter ? _operands.FiltersAndTests(operand, this) : operand;
    }
}
