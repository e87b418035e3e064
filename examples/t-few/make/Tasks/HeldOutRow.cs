namespace PeftCluster.TFew.Make.Tasks;

/// <summary>A row of train.jsonl or heldout.jsonl.</summary>
/// <param name="Order">The order's sentence.</param>
/// <param name="Aspect">The word for what is asked.</param>
/// <param name="Words">Words of the order, which are the choices.</param>
/// <param name="Right">Which of them is right, by number from 0.</param>
internal sealed record HeldOutRow(string Order, string Aspect, IReadOnlyList<string> Words, int Right)
{
    public static HeldOutRow Of(Question question) => new(question.Order, question.About, question.Choices, question.Right);

    /// <summary>The row under a template of the task.</summary>
    public Row Under(Template template) => new Question(Order, Aspect, Words, Right).Under(template);
}
