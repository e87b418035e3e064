"""Writes small tokenizers in every layout that the supported model families use, and what Hugging Face `tokenizers`,
SentencePiece and transformers' chat templates make of a list of hard texts.

usage: generate_tokenizers.py OUT_DIR CORPUS_DIR [--held-out]
"""
import argparse, glob, json, os
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
import sentencepiece as spm

TEXTS = ["Hello world", " leading space", "trailing space ", "two  spaces   three", "tab\tand\nnewline\r\nand\n\n\nmore",
         "I'm you're he'll WE'VE don't", "3.14159 and 1234567890, 1,000,000", "naïve café Ångström – “quotes” … №",
         "Zażółć gęślą jaźń", "Привет, мир!", "你好,世界。机器学习", "こんにちは カタカナ ｶﾅ", "안녕하세요", "مرحبا بالعالم", "שלום", "👋🏽 🇵🇱 👨‍👩‍👧 🙂",
         "e\u0301 vs \u00e9", "ﬁ ﬂ ① ½ ㎏", "zero\u200bwidth\u00a0nbsp", "def f(x):\n    return x ** 2  # square\n", "<html><b>x</b></html>",
         "http://example.org/a?b=c&d=%20", "C:\\path\\to\\file", "____----====", "A", "", " ", "\n", "\u0000 null \u0007 bell",
         "the quick brown fox jumps over the lazy dog", "adapter low-rank decomposition matrices", "x" * 50,
         "<s> special </s> inside <|im_start|>user\nhi<|im_end|>", "MiXeD CaSe WITH Números 42 and ΑΒΓ"]
HELD_OUT = ["Gradient of 1e-5?!", "  \t mixed \u3000 spaces", "ﬀ ligature ǅ titlecase ß ẞ", "1٢3 digits ४५", "🏳️‍🌈🏴‍☠️ flags", "\ud7a3\u1100\u1161 jamo",
            "Don\u2019t \u2018quote\u2019 it\u2019s", "a\u0300\u0301\u0302 stacked", "line\u2028sep\u2029para", "tr\u00fcb \u00fc\u0308ber", "foo_bar.baz->qux()[0];", "<unk><pad>",
            "\ufeffbom first", "ends with newline\n", "CJK混合English文字123", "𝒳 math 𝟘𝟙", "\u202ertl override", "100%—50€/£3 ¥"]
GPT4 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN = GPT4.replace(r"\p{N}{1,3}", r"\p{N}")


def bpe(pre, normalizer=None, special=(), **kw):
    t = Tokenizer(models.BPE(**kw)); t.pre_tokenizer = pre
    if normalizer: t.normalizer = normalizer
    return t


def byte_level(files, pre, normalizer=None, special=("<|endoftext|>",), vocab=700, **kw):
    t = bpe(pre, normalizer, **kw); t.decoder = decoders.ByteLevel()
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    t.train(files, trainers.BpeTrainer(vocab_size=vocab, special_tokens=list(special), show_progress=False,
                                       initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return t


def build(files):
    BL, split = pre_tokenizers.ByteLevel, lambda r: pre_tokenizers.Split(Regex(r), "isolated")
    out = {"gpt2": byte_level(files, BL(add_prefix_space=False))}
    t = byte_level(files, pre_tokenizers.Sequence([split(GPT4), BL(add_prefix_space=False, use_regex=False)]),
                   special=("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"), ignore_merges=True)
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
        single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1",
        special_tokens=[("<|begin_of_text|>", t.token_to_id("<|begin_of_text|>"))])])
    out["llama3"] = t
    out["qwen2"] = byte_level(files, pre_tokenizers.Sequence([split(QWEN), BL(add_prefix_space=False, use_regex=False)]),
                              normalizers.NFC(), special=("<|endoftext|>", "<|im_start|>", "<|im_end|>"))
    byte_tokens = [f"<0x{i:02X}>" for i in range(256)]
    t = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    t.train(files, trainers.BpeTrainer(vocab_size=900, special_tokens=["<unk>", "<s>", "</s>"] + byte_tokens, show_progress=False, limit_alphabet=150, max_token_length=12))
    j = json.loads(t.to_str())                                # the bytes are plain vocabulary, not added tokens
    j["added_tokens"] = [a for a in j["added_tokens"] if a["content"] in ("<unk>", "<s>", "</s>")]
    t = Tokenizer.from_str(json.dumps(j))
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    t.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    out["llama2"] = t
    j = json.loads(t.to_str()); j["normalizer"] = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    j["pre_tokenizer"] = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
    j["decoder"] = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}
    out["gemma"] = Tokenizer.from_str(json.dumps(j))
    t = Tokenizer(models.Unigram()); t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"); t.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    t.train(files, trainers.UnigramTrainer(vocab_size=600, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    t.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    out["unigram"] = t
    t = Tokenizer(models.WordPiece(unk_token="[UNK]")); t.normalizer = normalizers.BertNormalizer(lowercase=True); t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.train(files, trainers.WordPieceTrainer(vocab_size=700, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]); t.decoder = decoders.WordPiece()
    out["wordpiece"] = t
    return out


def main():
    ap = argparse.ArgumentParser(); ap.add_argument("out"); ap.add_argument("corpus"); ap.add_argument("--held-out", action="store_true"); a = ap.parse_args()
    files = sorted(glob.glob(a.corpus + "/*.txt")); texts = HELD_OUT if a.held_out else TEXTS
    for name, t in build(files).items():
        d = os.path.join(a.out, name); os.makedirs(d, exist_ok=True); t.save(os.path.join(d, "tokenizer.json"))
        rows = [dict(text=s, ids=t.encode(s).ids, ids_no_special=t.encode(s, add_special_tokens=False).ids,
                     decoded=t.decode(t.encode(s, add_special_tokens=False).ids, skip_special_tokens=False),
                     decoded_skip_special=t.decode(t.encode(s).ids, skip_special_tokens=True)) for s in texts]
        json.dump(rows, open(os.path.join(d, "expected.json"), "w"), ensure_ascii=True, indent=0)
    for name, kw in (("spm-unigram-nmt_nfkc", dict(model_type="unigram", normalization_rule_name="nmt_nfkc", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)),
                     ("spm-bpe-byte_fallback", dict(model_type="bpe", normalization_rule_name="identity", byte_fallback=True, split_digits=True,
                                                    remove_extra_whitespaces=False, allow_whitespace_only_pieces=True, pad_id=-1, unk_id=0, bos_id=1, eos_id=2))):
        d = os.path.join(a.out, name); os.makedirs(d, exist_ok=True)
        spm.SentencePieceTrainer.train(input=",".join(files), model_prefix=os.path.join(d, "spiece"), vocab_size=800, hard_vocab_limit=False, minloglevel=2, **kw)
        os.remove(os.path.join(d, "spiece.vocab")); p = spm.SentencePieceProcessor(model_file=os.path.join(d, "spiece.model"))
        rows = [dict(text=s, ids_no_special=p.encode(s), decoded=p.decode(p.encode(s))) for s in texts if "\u0000" not in s]
        json.dump(rows, open(os.path.join(d, "expected.json"), "w"), ensure_ascii=True, indent=0)


main()
