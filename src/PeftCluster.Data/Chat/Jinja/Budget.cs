using System.Globalization;
using System.Runtime.CompilerServices;

namespace PeftCluster.Data.Chat.Jinja;

/// <summary>How much a rendering may do. The defaults are far above any known chat template and a long conversation.</summary>
/// <param name="Steps">Expressions, statements and elements of lists.</param>
/// <param name="Characters">Characters of all texts that are made on the way, the result among them.</param>
internal sealed record RenderLimits(long Steps = 4_000_000, long Characters = 24_000_000);

/// <summary>
/// What is left of a rendering's limits. Everything that grows asks here before it grows, so a template like <c>'a' * 10 ** 12</c> is
/// refused before the memory is taken.
/// </summary>
internal sealed class Budget(RenderLimits limits)
{
    /// <summary>Python's own limit of nested calls is 1000 frames, of which a macro takes five.</summary>
    private const int MostCalls = 190;

    private long _steps = limits.Steps;
    private long _characters = limits.Characters;
    private int _calls;

    public void Step(long count = 1)
    {
        if ((_steps -= count) < 0 || count > limits.Steps)
            throw new TemplateFailure(string.Create(CultureInfo.InvariantCulture, $"takes more than {limits.Steps:N0} steps"));
    }

    public void Text(long characters)
    {
        if ((_characters -= characters) < 0 || characters > limits.Characters)
            throw new TemplateFailure(string.Create(CultureInfo.InvariantCulture, $"makes more than {limits.Characters:N0} characters of text"));
    }

    public string Made(string text)
    {
        Text(text.Length);
        return text;
    }

    public void EnterCall()
    {
        if (++_calls > MostCalls)
            throw new TemplateFailure("calls itself too deeply");
        Guard();
    }

    public void LeaveCall() => _calls--;

    /// <summary>Refuses what is nested so deeply (a list in a list in a list …) that following it would end the process.</summary>
    public static void Guard()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateFailure("is nested too deeply");
    }
}
