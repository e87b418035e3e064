using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Training.Peft.Bottleneck;

/// <summary>
/// A bottleneck's configuration in AdapterHub's words. <see cref="Defaults"/> are those keys that we do not offer otherwise: a file with another
/// value is refused, not read as something else.
/// </summary>
internal static class BottleneckAdapterConfig
{
    // BnConfig's keys in adapters 1.2.0.
    private const string Defaults = """
        {
          "mh_adapter": false, "output_adapter": true, "reduction_factor": 16, "non_linearity": "relu", "original_ln_before": false,
          "original_ln_after": true, "ln_before": false, "ln_after": false, "init_weights": "bert", "init_weights_seed": null,
          "is_parallel": false, "scaling": 1.0, "use_gating": false, "residual_before_ln": true, "adapter_residual_before_ln": false,
          "inv_adapter": null, "inv_adapter_reduction_factor": null, "cross_adapter": false, "leave_out": [], "dropout": 0.0,
          "phm_layer": false
        }
        """;

    private static readonly string[] Own =
        ["mh_adapter", "output_adapter", "reduction_factor", "non_linearity", "original_ln_before", "init_weights", "init_weights_seed", "is_parallel", "scaling", "leave_out", "dropout"];

    private static readonly string[] Outer = ["config", "config_id", "hidden_size", "model_class", "model_name", "model_type", "name", "version"];

    /// <summary>The configuration of a trained adapter.</summary>
    public static JsonObject Of(BottleneckSpec spec, string baseModel)
    {
        var (config, shape) = (JsonNode.Parse(Defaults)!.AsObject(), BottleneckShape.Of(spec));
        config["mh_adapter"] = shape.MhAdapter;
        config["output_adapter"] = shape.OutputAdapter;
        config["reduction_factor"] = PythonJson.Number(shape.ReductionFactor);
        config["non_linearity"] = Word(shape.NonLinearity);
        config["original_ln_before"] = shape.OriginalLnBefore;
        config["init_weights"] = shape.InitWeights == BottleneckInit.Bert ? "bert" : "mam_adapter";
        config["is_parallel"] = shape.IsParallel;
        config["scaling"] = PythonJson.Float(shape.Scaling);
        config["leave_out"] = new JsonArray([.. spec.LeaveOut.Select(layer => JsonValue.Create(layer))]);
        config["dropout"] = PythonJson.Float(spec.Dropout);
        return new JsonObject
        {
            ["config"] = config,
            ["hidden_size"] = spec.Model?.HiddenSize,
            ["model_class"] = spec.Model?.Class,
            ["model_name"] = baseModel.Length > 0 ? baseModel : null,
            ["model_type"] = spec.Model?.Type,
            ["name"] = spec.AdapterName,
            ["version"] = AdapterHubNames.Version,
        };
    }

    /// <summary>The method that an adapter was trained with.</summary>
    /// <exception cref="BadInputException">It asks for what is not offered.</exception>
    public static BottleneckSpec Read(AdapterConfigFile file)
    {
        file.WarnOfUnknown(Outer);
        var config = file.Section("config");
        var defaults = JsonNode.Parse(Defaults)!.AsObject();
        config.WarnOfUnknown(defaults.Select(pair => pair.Key).Append("architecture"));
        foreach (var (key, value) in defaults.Where(pair => !Own.Contains(pair.Key)))
        {
            if (config[key] is { } given && !JsonNode.DeepEquals(JsonNode.Parse(given.GetRawText()), value))
                throw config.Refused(key, $"only {value?.ToJsonString() ?? "null"} is");
        }
        var spec = Read(file, config);
        // The preset that differs in its reduction only, for people to read.
        var shape = BottleneckShape.Of(spec);
        return spec with { Config = Enum.GetValues<BottleneckPreset>().FirstOrDefault(preset => BottleneckShape.Of(preset) with { ReductionFactor = shape.ReductionFactor } == shape) };
    }

    private static BottleneckSpec Read(AdapterConfigFile file, AdapterConfigFile config)
    {
        bool? Flag(string key) => config[key] is { } value ? value.ValueKind == JsonValueKind.True : null;
        return new BottleneckSpec
        {
            AdapterName = Name(file),
            ReductionFactor = config.Number("reduction_factor", 16, value => value is > 0 and <= 65_536, "a number above 0, at most 65536; one for each layer is not supported"),
            NonLinearity = Enum.GetValues<BottleneckActivation>().Cast<BottleneckActivation?>().FirstOrDefault(known => Word(known!.Value) == config["non_linearity"]?.ToString())
                ?? throw config.Refused("non_linearity", $"known: {string.Join(", ", Enum.GetValues<BottleneckActivation>().Select(Word))}"),
            Scaling = config.Scale("scaling", 1),
            MhAdapter = Flag("mh_adapter") ?? false,
            OutputAdapter = Flag("output_adapter") ?? true,
            IsParallel = Flag("is_parallel") ?? false,
            OriginalLnBefore = Flag("original_ln_before") ?? false,
            InitWeights = config["init_weights"]?.ToString() == "mam_adapter" ? BottleneckInit.MamAdapter : BottleneckInit.Bert,
            Dropout = config.Dropout("dropout"),
            LeaveOut = config.WholesIn("leave_out", 0, 9999) ?? [],
        };
    }

    private static string Word(BottleneckActivation activation) => activation.ToString().ToLower(CultureInfo.InvariantCulture);

    private static string Name(AdapterConfigFile file) => file["name"] is { ValueKind: JsonValueKind.String } name && name.GetString() is { Length: > 0 and <= 200 } text
        ? text
        : throw file.Refused("name", "the tensors' names are made of it");
}
