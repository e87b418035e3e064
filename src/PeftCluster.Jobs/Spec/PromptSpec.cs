namespace PeftCluster.Jobs.Spec;

/// <summary>
/// What the methods that put learnt rows before each text have in common beside their keys. Unusual: none of the properties is a key of
/// job.yaml; they pass between an adapter's files and the model.
/// </summary>
public abstract record PromptSpec : MethodSpec
{
    /// <summary>
    /// The adapter comes out of a file and is used, not trained. Such a file holds what an encoder gave and not the encoder, so that training
    /// cannot go on from it, and the vector is the file's.
    /// </summary>
    public bool IsFinished { get; init; }

    /// <summary>Numbers of the model that PEFT's files repeat; null where nobody has said them yet.</summary>
    public PromptShape? Shape { get; init; }

    /// <summary>The tokens of a text that the prompt starts from; who has the model's tokenizer fills them in.</summary>
    public ValueList<int>? StartTokens { get; init; }
}

/// <summary>Numbers of a model as PEFT writes them beside a prompt.</summary>
/// <param name="Layers">num_layers</param>
/// <param name="Heads">num_attention_heads; for a prefix those of keys and values.</param>
/// <param name="TokenDim">token_dim: what one token's embedding has; for a prefix what one layer's key has.</param>
/// <param name="Submodules">num_transformer_submodules: how many stacks get rows of their own.</param>
public sealed record PromptShape(int Layers, int Heads, int TokenDim, int Submodules);
