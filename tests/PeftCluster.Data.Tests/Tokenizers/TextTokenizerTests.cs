using System.Text.Json.Nodes;
using CsCheck;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Data.Tokenizers.Patterns;
using PeftCluster.Data.Tokenizers.PreTokenizers;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>What the golden cases do not reach: added tokens' rules, letters beyond U+FFFF, cut characters, special ids.</summary>
public sealed class TextTokenizerTests
{
    /// <summary>Llama 3's and GPT-4's pattern.</summary>
    private const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Fact]
    public void Neighbours_merge_in_the_order_that_the_merges_were_learnt()
    {
        using var model = new TinyModel();
        var tokenizer = model.Load();

        Assert.Equal([TinyModel.Bos, 261, TinyModel.IdOf((byte)'o'), 260], tokenizer.Encode("hello w", addSpecialTokens: true));
        Assert.Equal("hello w", tokenizer.Decode([TinyModel.Bos, 261, TinyModel.IdOf((byte)'o'), 260], skipSpecialTokens: true));
        Assert.Equal([259, TinyModel.IdOf((byte)'l')], tokenizer.Encode("lll", addSpecialTokens: false));
        Assert.Equal(262, tokenizer.VocabularySize);
    }

    [Fact]
    public void Merges_may_be_written_as_texts()
    {
        using var model = new TinyModel();
        var lists = model.Load().Encode("hello world", addSpecialTokens: false);
        model.Tokenizer["model"]!["merges"] = new JsonArray("h e", "l l", "Ġ w", "he ll");

        Assert.Equal(lists, model.Load().Encode("hello world", addSpecialTokens: false));
    }

    [Fact]
    public void A_word_of_the_vocabulary_needs_no_merges_where_the_file_says_so()
    {
        using var model = new TinyModel();
        model.Tokenizer["model"]!["vocab"]!["Ġcat"] = 300;

        Assert.Equal(4, model.Load().Encode(" cat", addSpecialTokens: false).Length);
        model.Tokenizer["model"]!["ignore_merges"] = true;
        Assert.Equal([300], model.Load().Encode(" cat", addSpecialTokens: false));
    }

    [Fact]
    public void A_space_is_put_before_every_piece_that_has_none_where_the_file_says_so()
    {
        using var model = new TinyModel();
        model.Tokenizer["pre_tokenizer"]!["add_prefix_space"] = true;
        var tokenizer = model.Load();

        Assert.Equal([260, TinyModel.Eos, 260], tokenizer.Encode("w<eos>w", addSpecialTokens: false));
        Assert.Equal([260], tokenizer.Encode(" w", addSpecialTokens: false));
        Assert.Empty(tokenizer.Encode("", addSpecialTokens: false));
    }

    [Theory]
    [InlineData("lstrip", "a  <x>  b", "a|<x>|  b")]
    [InlineData("rstrip", "a  <x>  b", "a  |<x>|b")]
    [InlineData("single_word", "a<x> <x> <x>b", "a<x> |<x>| <x>b")]
    public void Added_tokens_follow_their_rules(string rule, string text, string pieces)
    {
        using var model = new TinyModel();
        var token = TinyModel.Added("<x>", 300);
        token[rule] = true;
        model.Tokenizer["added_tokens"]!.AsArray().Add(token);

        var expected = pieces.Split('|').SelectMany(piece => piece switch { "<x>" => [300], "<eos>" => [TinyModel.Eos], _ => TinyModel.IdsOf(piece) });

        Assert.Equal(expected, model.Load().Encode(text, addSpecialTokens: false));
    }

    [Fact]
    public void Tokens_that_are_normalized_are_looked_for_in_what_the_others_left()
    {
        using var model = new TinyModel();
        var token = TinyModel.Added("a<eos>", 300);
        token["normalized"] = true;
        model.Tokenizer["added_tokens"]!.AsArray().Add(token);

        Assert.Equal([TinyModel.IdOf((byte)'a'), TinyModel.Eos], model.Load().Encode("a<eos>", addSpecialTokens: false));
    }

    [Fact]
    public void The_longest_of_two_added_tokens_wins()
    {
        using var model = new TinyModel();
        model.Tokenizer["added_tokens"]!.AsArray().Add(TinyModel.Added("<eos>>", 300));

        Assert.Equal([300, TinyModel.Eos], model.Load().Encode("<eos>><eos>", addSpecialTokens: false));
    }

    [Fact]
    public void Only_special_tokens_are_left_out_when_decoding()
    {
        using var model = new TinyModel();
        model.Tokenizer["added_tokens"]!.AsArray().Add(TinyModel.Added("<a token>", 300, special: false));
        var tokenizer = model.Load();

        Assert.Equal("<bos><a token><eos>", tokenizer.Decode([0, 300, 1], skipSpecialTokens: false));
        Assert.Equal("<a token>", tokenizer.Decode([0, 300, 1], skipSpecialTokens: true));
        Assert.Equal("", tokenizer.Decode([-1, 299, 1_000_000], skipSpecialTokens: false));
    }

    [Fact]
    public void A_character_cut_in_half_is_a_replacement_character()
    {
        using var model = new TinyModel();
        var tokenizer = model.Load();
        var ids = tokenizer.Encode("a🙂b", addSpecialTokens: false);

        Assert.Equal("a\uFFFD", tokenizer.Decode(ids.AsSpan(0, 3), skipSpecialTokens: false));
        Assert.Equal("\uFFFD\uFFFD\uFFFDb", tokenizer.Decode(ids.AsSpan(2), skipSpecialTokens: false));
    }

    [Theory]
    [InlineData("𝒳𝒴z 1", "𝒳𝒴z| |1")] // letters
    [InlineData("1𝟘𝟙𝟚 x", "1𝟘𝟙|𝟚| x")] // digits
    [InlineData(" 𝟘", " |𝟘")]
    [InlineData("a 🙂🙂!", "a| 🙂🙂!")] // neither
    [InlineData("it'ſ", "it|'ſ")] // the long s is an s where case is ignored
    [InlineData("it'S", "it|'S")]
    [InlineData("IT'ſx y", "IT|'ſ|x| y")]
    public void Words_are_cut_by_code_points_as_Oniguruma_cuts_them(string text, string words)
    {
        Assert.Equal(words, Cut(Llama3, text));
    }

    [Fact]
    public void The_long_s_stays_itself_where_case_counts()
    {
        Assert.Equal("it|'|ſ", Cut(@"'s|\p{L}+|[^\p{L}]", "it'ſ"));
    }

    [Fact]
    public void A_stand_in_has_the_category_of_what_it_stands_for()
    {
        for (var point = 0x10000; point <= 0x10FFFF; point++)
        {
            var text = char.ConvertFromUtf32(point);
            var shadow = CodePointShadow.Of(text, foldLongS: false)!;
            if (char.GetUnicodeCategory(shadow[0]) != char.GetUnicodeCategory(text, 0))
                Assert.Fail($"U+{point:X}");
        }
    }

    [Fact]
    public void Digits_are_cut_one_by_one_where_the_file_says_so()
    {
        using var model = new TinyModel();
        model.Tokenizer["model"]!["vocab"]!["12"] = 300;
        model.Tokenizer["model"]!["merges"]!.AsArray().Add("1 2");
        Assert.Equal([300], model.Load().Encode("12", addSpecialTokens: false));
        model.Tokenizer["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, model.Tokenizer["pre_tokenizer"]!.DeepClone()),
        };

        Assert.Equal(TinyModel.IdsOf("12"), model.Load().Encode("12", addSpecialTokens: false));
    }

    [Fact]
    public void A_very_long_word_is_merged_as_a_short_one()
    {
        using var model = new TinyModel();

        Assert.Equal(Enumerable.Repeat(259, 100_000), model.Load().Encode(new string('l', 200_000), addSpecialTokens: false));
    }

    [Fact]
    public void Begin_and_end_come_from_the_first_file_that_names_them()
    {
        using var model = new TinyModel().Write();
        File.WriteAllText(Path.Combine(model.Folder, "generation_config.json"), """{"bos_token_id": 9, "eos_token_id": [7, 8]}""");
        Assert.Equal((0, 1), Special(model));

        model.Config.Clear();
        model.Write();
        Assert.Equal((9, 7), Special(model));

        File.WriteAllText(Path.Combine(model.Folder, "tokenizer_config.json"), """{"bos_token": null, "eos_token": {"content": "<bos>"}}""");
        Assert.Equal((9, 0), Special(model));

        File.Delete(Path.Combine(model.Folder, "tokenizer_config.json"));
        File.Delete(Path.Combine(model.Folder, "generation_config.json"));
        Assert.Equal((null, null), Special(model));
    }

    [Fact]
    public void Decoding_gives_back_any_text()
    {
        using var model = new TinyModel();
        model.Tokenizer["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["behavior"] = "Isolated", ["pattern"] = new JsonObject { ["Regex"] = Llama3 } },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
        };
        var tokenizer = model.Load();
        var point = Gen.OneOf(
            Gen.Int[0, 0x7F], Gen.Int[0, 0xD7FF], Gen.Int[0xE000, 0x10FFFF],
            Gen.OneOf(' ', '\n', '\r', '\'', 's', 0x17F, 0x200D, 0x1F642, 0x1D7D8, 0x0301));
        var text = Gen.OneOf(point.Select(char.ConvertFromUtf32), Gen.OneOf("<bos>", "<eos>", "hell", "'LL ")).Array[0, 40].Select(string.Concat);

        text.Sample(
            one => tokenizer.Decode(tokenizer.Encode(one, addSpecialTokens: false), skipSpecialTokens: false) == one
                && tokenizer.Encode(one, addSpecialTokens: true)[0] == TinyModel.Bos,
            iter: 5_000);
    }

    private static string Cut(string pattern, string text)
    {
        var pieces = new List<string>();
        new PatternSplit(new TextPattern(pattern), SplitBehavior.Isolated, invert: false).Split(new TextPiece(text, default, first: true), piece => pieces.Add(piece.Text.ToString()));
        return string.Join('|', pieces);
    }

    private static (int?, int?) Special(TinyModel model)
    {
        var tokenizer = TextTokenizer.Load(model.Folder);
        return (tokenizer.BosId, tokenizer.EosId);
    }
}
