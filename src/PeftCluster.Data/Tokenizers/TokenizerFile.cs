using PeftCluster.Data.Formats;
using PeftCluster.Data.Tokenizers.Decoders;
using PeftCluster.Data.Tokenizers.Models;
using PeftCluster.Data.Tokenizers.Normalizers;
using PeftCluster.Data.Tokenizers.PreTokenizers;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// What tokenizer.json says, in parts that work. Every component that would change an id and is not known is refused by
/// its name, never passed over. Truncation and padding settings in the file are not used (transformers switches them off
/// too, and cutting is the job's own decision); <see cref="Notes"/> says so.
/// </summary>
internal sealed record TokenizerFile(TokenPipeline Pipeline, SpecialFrame Frame, IReadOnlyList<string> Notes)
{
    public const string Name = "tokenizer.json";

    private static readonly string[] Unused = ["truncation", "padding"];

    /// <exception cref="BadInputException">The file is damaged, or asks for what is not supported.</exception>
    public static TokenizerFile Read(string path, ReadOnlyMemory<byte> bytes) => JsonPlace.Read(path, bytes, root =>
    {
        var model = ModelReader.Read(root, PreTokenizerReader.WritesBytes(root));
        var pipeline = new TokenPipeline(
            NormalizerReader.Read(root), AddedTokensOf(root, model), PreTokenizerReader.Read(root), model, DecoderReader.Read(root));
        var unused = Unused.Where(name => root.Get(name) is not null);
        return new TokenizerFile(pipeline, SpecialFrame.Read(root), [.. unused.Select(name => $"{path}: \"{name}\" is not used: data.max_length cuts, and rows are padded as they are computed.")]);
    });

    private static List<AddedToken> AddedTokensOf(JsonPlace root, ITokenModel model)
    {
        var added = new List<AddedToken>();
        if (root.Get("added_tokens") is not { } places)
            return added;
        foreach (var place in places.Items())
        {
            var token = AddedToken.Read(place, place.Need("id").Id());
            if (model.Vocabulary.TryGetValue(token.Text, out var id) && id != token.Id)
                throw place.Bad($"has the id {token.Id}, but \"{OneLine.Piece(token.Text)}\" has {id} in model.vocab.");
            added.Add(token);
        }
        return added;
    }
}
