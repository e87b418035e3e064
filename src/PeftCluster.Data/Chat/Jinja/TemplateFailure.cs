namespace PeftCluster.Data.Chat.Jinja;

/// <summary>
/// Why a template cannot be read or rendered. Python raises a dozen classes here; what a user needs is the line and the sentence. Inside
/// Jinja/ it travels without a line until the statement that was running adds its own; <see cref="ChatTemplate"/> makes the user's line of it.
/// </summary>
internal sealed class TemplateFailure : Exception
{
    public TemplateFailure(string message, int? line = null, bool raised = false) : base(message) => (Line, Raised) = (line, raised);

    public TemplateFailure() { }

    public TemplateFailure(string message, Exception inner) : base(message, inner) { }

    /// <summary>The line of the template, from 1; null while nobody knows it.</summary>
    public int? Line { get; }

    /// <summary>The template itself refused the conversation (<c>raise_exception</c>); the message is exactly what it said.</summary>
    public bool Raised { get; }

    public TemplateFailure At(int line) => Line is null ? new TemplateFailure(Message, line, Raised) : this;
}
