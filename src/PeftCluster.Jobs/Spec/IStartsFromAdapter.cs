namespace PeftCluster.Jobs.Spec;

/// <summary>A method whose vectors may start from an adapter that is trained already.</summary>
public interface IStartsFromAdapter
{
    /// <summary>The folder of that adapter in the Hugging Face PEFT layout; null: the method's own start.</summary>
    string? InitialAdapter { get; }
}
