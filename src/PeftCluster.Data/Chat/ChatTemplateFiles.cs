using System.Text;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Chat;

/// <summary>
/// The chat template of a model folder: chat_template.jinja, else chat_template of tokenizer_config.json, which is a text or a list of
/// named ones, of which the one named default is taken. The tokens come from tokenizer_config.json.
/// </summary>
public static class ChatTemplateFiles
{
    private static readonly string[] TokenNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>The folder's template; null where it has none.</summary>
    /// <exception cref="BadInputException">A damaged file, or what is no template.</exception>
    public static ChatTemplate? Load(string modelFolder)
    {
        var (file, config) = (Path.Combine(modelFolder, "chat_template.jinja"), Path.Combine(modelFolder, "tokenizer_config.json"));
        var tokens = Tokens(modelFolder);
        if (File.Exists(file))
            return new ChatTemplate(file, Decoded(file), tokens);
        if (!File.Exists(config))
            return null;
        return JsonPlace.Read(config, ModelFiles.ReadAll(config), root => root.Get("chat_template") is { } place ? (string?)Chosen(place) : null) is { } text
            ? new ChatTemplate($"{config}: chat_template", text, tokens)
            : null;
    }

    /// <summary>A template in a file of its own, with the tokens that the model's folder names.</summary>
    /// <exception cref="BadInputException">No such file, or what is no template.</exception>
    public static ChatTemplate LoadFile(string file, string modelFolder) => File.Exists(file)
        ? new ChatTemplate(file, Decoded(file), Tokens(modelFolder))
        : throw new BadInputException($"{file}: no such file. data.chat_template names a file with a chat template, a known format, or \"model\".");

    /// <summary>bos_token, eos_token and their like of a model folder, those that it names.</summary>
    public static IReadOnlyDictionary<string, string> Tokens(string modelFolder)
    {
        var config = Path.Combine(modelFolder, "tokenizer_config.json");
        return !File.Exists(config) ? new Dictionary<string, string>() : JsonPlace.Read(config, ModelFiles.ReadAll(config), root =>
        {
            var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var name in TokenNames)
            {
                if (root.Get(name) is { } place)
                    tokens[name] = place.Element.ValueKind == System.Text.Json.JsonValueKind.Object ? place.Need("content").Text() : place.Text();
            }
            return tokens;
        });
    }

    private static string Chosen(JsonPlace place)
    {
        if (place.Element.ValueKind == System.Text.Json.JsonValueKind.String)
            return place.Text();
        foreach (var named in place.Items())
        {
            if (named.Need("name").Text() == "default")
                return named.Need("template").Text();
        }
        throw place.Bad("no template of the list is named default. Name one so, or write the template to chat_template.jinja.");
    }

    private static string Decoded(string file)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(ModelFiles.ReadAll(file));
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException broken)
        {
            throw new BadInputException($"{file}: has text that is not Unicode. Save the file as UTF-8.", broken);
        }
    }
}
