using System.Globalization;
using System.Numerics;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>None.</summary>
internal sealed class NoneValue : Value
{
    public static readonly NoneValue None = new();

    public override string TypeName => "NoneType";

    public override bool Truth => false;

    public override void Repr(ReprWriter to) => to.Add("None");
}

/// <summary>True or False. A number too: True + 1 is 2.</summary>
internal sealed class BoolValue : Value
{
    public static readonly BoolValue True = new(), False = new();

    public static BoolValue Of(bool yes) => yes ? True : False;

    public override string TypeName => "bool";

    public override bool Truth => this == True;

    public override Value? Attribute(string name) => NumberAttributes.Of(this, name);

    public override void Repr(ReprWriter to) => to.Add(Truth ? "True" : "False");
}

/// <summary>An int, of any size.</summary>
internal sealed class IntValue(BigInteger number) : Value
{
    /// <summary>Python converts longer numbers to text only when asked to, and so no template prints one.</summary>
    private const int MostDigits = 4300;

    private static readonly IntValue[] Small = [.. Enumerable.Range(-5, 262).Select(number => new IntValue(number))];

    public BigInteger Number { get; } = number;

    /// <summary>Numbers from −5 to 256 are one object each, as in Python; <c>is sameas</c> sees it.</summary>
    public static IntValue Of(BigInteger number) => number >= -5 && number <= 256 ? Small[(int)number + 5] : new IntValue(number);

    public override string TypeName => "int";

    public override bool Truth => !Number.IsZero;

    public override Value? Attribute(string name) => NumberAttributes.Of(this, name);

    public override void Repr(ReprWriter to) => to.Add(Digits(Number));

    public static string Digits(BigInteger number)
    {
        if (number.GetBitLength() < 14_000)
            return number.ToString(CultureInfo.InvariantCulture);
        var digits = number.GetBitLength() > 15_000 ? null : number.ToString(CultureInfo.InvariantCulture);
        return digits is { } && digits.TrimStart('-').Length <= MostDigits
            ? digits
            : throw new TemplateFailure($"Exceeds the limit ({MostDigits} digits) for integer string conversion");
    }
}

/// <summary>A float, printed by the shortest digits that read back as it.</summary>
internal sealed class FloatValue(double number) : Value
{
    public double Number { get; } = number;

    public override string TypeName => "float";

    public override bool Truth => Number != 0;

    public override Value? Attribute(string name) => NumberAttributes.Of(this, name);

    public override void Repr(ReprWriter to) => to.Add(FloatDigits.Repr(Number));
}
