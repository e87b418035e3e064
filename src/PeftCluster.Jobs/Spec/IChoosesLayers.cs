namespace PeftCluster.Jobs.Spec;

/// <summary>A method whose targets can be limited to some of the model's layers: PEFT's layers_to_transform and layers_pattern.</summary>
public interface IChoosesLayers
{
    /// <summary>Names, one expression or the word for all; null: the family's default.</summary>
    ValueList<string>? TargetModules { get; }

    /// <summary>Numbers of layers, or null: all.</summary>
    ValueList<int>? LayersToTransform { get; }

    /// <summary>Names of the part of a path that stands before the layer's number, or null: any.</summary>
    ValueList<string>? LayersPattern { get; }

    /// <summary>Two keys of a choice that do not fit together, as in <see cref="MethodSpec.Contradiction"/>.</summary>
    internal static (string Key, string What)? ContradictionOf(IChoosesLayers method) => method switch
    {
        { LayersToTransform: null, LayersPattern: not null } =>
            ("layers_pattern", "it says where in a path the numbers of layers_to_transform stand. Add layers_to_transform, or remove layers_pattern."),
        { LayersToTransform: not null } when ModuleNames.IsPattern(method.TargetModules) =>
            ("layers_to_transform", "target_modules is a regular expression, which can name the layers itself. Use one of the two."),
        _ => null,
    };
}
