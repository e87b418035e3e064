namespace PeftCluster.Jobs.Spec;

/// <summary>A method that can train modules of the model whole beside what it adds: PEFT's modules_to_save.</summary>
public interface ISavesModules
{
    /// <summary>Names of modules, or null: none.</summary>
    ValueList<string>? ModulesToSave { get; }
}
