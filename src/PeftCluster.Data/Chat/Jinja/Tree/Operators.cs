using PeftCluster.Data.Chat.Jinja.Scoping;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>left + right, and the other signs of arithmetic.</summary>
internal sealed class BinaryExpression(string sign, Expression left, Expression right) : Expression
{
    public override IEnumerable<Expression> Parts => [left, right];

    protected override Value Compute(Activation frame) => Arithmetic.Binary(sign, left.Evaluate(frame), right.Evaluate(frame), frame.Budget);
}

/// <summary>−value or +value.</summary>
internal sealed class SignExpression(bool negative, Expression operand) : Expression
{
    public override IEnumerable<Expression> Parts => [operand];

    protected override Value Compute(Activation frame) => negative ? Arithmetic.Negative(operand.Evaluate(frame)) : Arithmetic.Positive(operand.Evaluate(frame));
}

/// <summary>left and right, left or right: one of the two, the right one computed only where it counts.</summary>
internal sealed class LogicExpression(bool isAnd, Expression left, Expression right) : Expression
{
    public override IEnumerable<Expression> Parts => [left, right];

    protected override Value Compute(Activation frame)
    {
        var value = left.Evaluate(frame);
        return value.Truth == isAnd ? right.Evaluate(frame) : value;
    }
}

/// <summary>not value.</summary>
internal sealed class NotExpression(Expression operand) : Expression
{
    public override IEnumerable<Expression> Parts => [operand];

    protected override Value Compute(Activation frame) => !operand.Evaluate(frame).Truth;
}

/// <summary>a ~ b ~ c: their texts, one behind the other.</summary>
internal sealed class ConcatExpression(IReadOnlyList<Expression> operands) : Expression
{
    public override IEnumerable<Expression> Parts => operands;

    protected override Value Compute(Activation frame)
    {
        var values = operands.Select(operand => operand.Evaluate(frame)).ToList();
        var texts = values.Select(value => value.Str(frame.Budget)).ToList();
        frame.Budget.Text(texts.Sum(text => (long)text.Length));
        return string.Concat(texts);
    }
}

/// <summary>a &lt; b == c in d: a chain, which holds where each link holds.</summary>
internal sealed class CompareExpression(Expression first, IReadOnlyList<(string Sign, Expression Operand)> links) : Expression
{
    public override IEnumerable<Expression> Parts => links.Select(link => link.Operand).Prepend(first);

    public static bool Holds(Value left, string sign, Value right, Budget budget)
    {
        budget.Step((right.Length ?? 0) / 64);
        return sign switch
        {
            "==" => Equality.Equal(left, right),
            "!=" => !Equality.Equal(left, right),
            "in" => Equality.Contains(right, left),
            "not in" => !Equality.Contains(right, left),
            _ => Equality.Ordered(left, sign, right),
        };
    }

    protected override Value Compute(Activation frame)
    {
        var left = first.Evaluate(frame);
        foreach (var (sign, operand) in links)
        {
            var right = operand.Evaluate(frame);
            if (!Holds(left, sign, right, frame.Budget))
                return false;
            left = right;
        }
        return true;
    }
}

/// <summary>value if test else other; without an else, undefined.</summary>
internal sealed class ConditionalExpression(Expression test, Expression value, Expression? other) : Expression
{
    public override IEnumerable<Expression> Parts => other is null ? [test, value] : [test, value, other];

    protected override bool IsMadeOfConstants() => other is not null && base.IsMadeOfConstants();

    public override void Bind(Symbols symbols, bool soft) => base.Bind(symbols, soft: true);

    protected override Value Compute(Activation frame) => test.Evaluate(frame).Truth ? value.Evaluate(frame)
        : other?.Evaluate(frame) ?? new UndefinedValue($"the inline if-expression on line {Line} evaluated to false and no else section was defined.");
}
