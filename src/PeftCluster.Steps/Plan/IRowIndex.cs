namespace PeftCluster.Steps.Plan;

/// <summary>What the plan must know of the prepared rows: their lengths and label counts, nothing of their content.</summary>
public interface IRowIndex
{
    /// <summary>The number of rows.</summary>
    int Count { get; }

    /// <summary>Tokens of a row, prompt and completion together; of one with answer choices the prompt and its longest choice.</summary>
    int Length(int row);

    /// <summary>Tokens of a row that carry a label, counted as the loss counts them (after the shift by one); of answer choices those of the right one.</summary>
    int Labels(int row);

    /// <summary>Whether rows have answer choices, one of which is right; else one answer each.</summary>
    bool HasChoices => false;

    /// <summary>Tokens of a row's wrong choices; 0 without choices.</summary>
    int WrongLabels(int row) => 0;

    /// <summary>
    /// How many neighbouring rows are one example in other words, the templates of a task: rows e · Variants to (e + 1) · Variants − 1 are example e's, in the
    /// templates' order. A plan takes one of them in a pass.
    /// </summary>
    int Variants => 1;

    /// <summary>The number of examples.</summary>
    int Examples => Count / Variants;
}
