using PeftCluster.Data.Tokenizers.SentencePiece;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers;

/// <summary>Which file of a model folder is its tokenizer: tokenizer.json, else a SentencePiece model under either of its names.</summary>
public static class TokenizerFolder
{
    private static readonly string[] Names = [TokenizerFile.Name, "spiece.model", "tokenizer.model"];

    /// <summary>The files that decide what tokens mean, by name. SentencePiece's are among them only where there is no tokenizer.json.</summary>
    public static IEnumerable<string> Files(string folder) => new[] { NameIn(folder), "tokenizer_config.json" }
        .Concat(NameIn(folder) == TokenizerFile.Name ? [] : ["added_tokens.json"])
        .Where(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>The file's name; that of tokenizer.json where there is none.</summary>
    internal static string NameIn(string folder) => Names.FirstOrDefault(name => File.Exists(Path.Combine(folder, name))) ?? Names[0];

    /// <summary>Opens the tokenizer, given the bytes of its file.</summary>
    internal static OpenedTokenizer Open(string folder, string name, byte[] bytes)
    {
        var path = Path.Combine(folder, name);
        if (name == TokenizerFile.Name)
        {
            var file = TokenizerFile.Read(path, bytes);
            var (bos, eos) = (SpecialIds.Find(folder, "bos", file.Pipeline.Tokens), SpecialIds.Find(folder, "eos", file.Pipeline.Tokens));
            return new OpenedTokenizer(file.Pipeline, file.Frame, bos, eos, file.Notes);
        }
        var model = SentencePieceFile.Read(path, bytes);
        var (added, legacy) = (AddedPieces.Read(folder, model), AddedPieces.IsLegacy(folder));
        var coder = new SentencePieceCoder(model, added, legacy);
        var (ownBegin, ownEnd) = (model.Find(PieceType.Control, model.BosPiece), model.Find(PieceType.Control, model.EosPiece));
        var (begin, end) = (SpecialIds.Find(folder, "bos", coder.Tokens) ?? ownBegin, SpecialIds.Find(folder, "eos", coder.Tokens) ?? ownEnd);
        var frame = AddedPieces.Frame(folder, ownBegin is null ? null : begin, end);
        return new OpenedTokenizer(coder, frame, begin, end, [])
        {
            Additions = $"{string.Join(' ', frame.Before)}|{string.Join(' ', frame.After)}|{legacy}\n{string.Concat(added.Select(token => $"{token}\n"))}",
        };
    }

    /// <exception cref="BadInputException">No such folder, or no tokenizer in it.</exception>
    internal static void Need(string folder)
    {
        if (!Directory.Exists(folder))
            throw new BadInputException($"{folder}: no such folder. A model is a folder with config.json, *.safetensors and tokenizer.json.");
        if (!File.Exists(Path.Combine(folder, NameIn(folder))))
            throw new BadInputException($"{Path.Combine(folder, Names[0])}: no such file. A tokenizer is read from tokenizer.json, or from SentencePiece's spiece.model or tokenizer.model.");
    }
}

/// <summary>A tokenizer as its folder has it.</summary>
/// <param name="Coder">Text to ids and back.</param>
/// <param name="Frame">The tokens around a text.</param>
/// <param name="Bos">The token of begin.</param>
/// <param name="Eos">The token of end.</param>
/// <param name="Notes">What people should know; a sentence each.</param>
internal sealed record OpenedTokenizer(ITextCoder Coder, SpecialFrame Frame, int? Bos, int? Eos, IReadOnlyList<string> Notes)
{
    /// <summary>What decides ids beside the file itself, as text.</summary>
    public string Additions { get; init; } = "";
}
