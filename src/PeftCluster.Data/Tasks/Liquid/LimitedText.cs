using System.Globalization;

namespace PeftCluster.Data.Tasks.Liquid;

/// <summary>Takes what a template writes, and refuses more than <see cref="LiquidLimits.MostChars"/>.</summary>
internal sealed class LimitedText() : StringWriter(CultureInfo.InvariantCulture)
{
    public override void Write(char value)
    {
        Need(1);
        base.Write(value);
    }

    public override void Write(string? value)
    {
        Need(value?.Length ?? 0);
        base.Write(value);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        Need(count);
        base.Write(buffer, index, count);
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Need(buffer.Length);
        base.Write(buffer);
    }

    private void Need(int more) => LiquidLimits.Check((long)GetStringBuilder().Length + more);
}
