using PeftCluster.Training.Models;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>What the config.json files of published models say of their shapes; there are no weights beside them.</summary>
internal static class PublishedShapes
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["llama-2-7b"] = """
            {"model_type":"llama","vocab_size":32000,"hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"intermediate_size":11008,"rms_norm_eps":1e-5,"max_position_embeddings":4096}
            """,
        ["llama-3-8b"] = """
            {"model_type":"llama","vocab_size":128256,"hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":14336,"rope_theta":500000.0}
            """,
        ["llama-3.2-3b"] = """
            {"model_type":"llama","vocab_size":128256,"hidden_size":3072,"num_hidden_layers":28,"num_attention_heads":24,"num_key_value_heads":8,"head_dim":128,"intermediate_size":8192,"tie_word_embeddings":true,
             "rope_theta":500000.0,"rope_scaling":{"rope_type":"llama3","factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192}}
            """,
        ["tinyllama-1.1b"] = """
            {"model_type":"llama","vocab_size":32000,"hidden_size":2048,"num_hidden_layers":22,"num_attention_heads":32,"num_key_value_heads":4,"intermediate_size":5632}
            """,
        ["mistral-7b"] = """
            {"model_type":"mistral","vocab_size":32000,"hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":14336,"sliding_window":4096}
            """,
        ["qwen2.5-0.5b"] = """
            {"model_type":"qwen2","vocab_size":151936,"hidden_size":896,"num_hidden_layers":24,"num_attention_heads":14,"num_key_value_heads":2,"intermediate_size":4864,"tie_word_embeddings":true}
            """,
        ["qwen2.5-3b"] = """
            {"model_type":"qwen2","vocab_size":151936,"hidden_size":2048,"num_hidden_layers":36,"num_attention_heads":16,"num_key_value_heads":2,"intermediate_size":11008,"tie_word_embeddings":true}
            """,
        ["gpt2"] = """{"model_type":"gpt2","vocab_size":50257,"n_embd":768,"n_layer":12,"n_head":12,"n_positions":1024}""",
        // Brown et al. 2020 (arXiv:2005.14165), table 2.1. It gives the 13B model a width of 5140, which its 40 heads of 128 do not have.
        ["gpt3-6.7b"] = """{"model_type":"gpt2","vocab_size":50257,"n_embd":4096,"n_layer":32,"n_head":32,"n_positions":2048}""",
        ["gpt3-13b"] = """{"model_type":"gpt2","vocab_size":50257,"n_embd":5120,"n_layer":40,"n_head":40,"n_positions":2048}""",
        ["gpt3-175b"] = """{"model_type":"gpt2","vocab_size":50257,"n_embd":12288,"n_layer":96,"n_head":96,"n_positions":2048}""",
        ["t0-3b"] = """
            {"model_type":"t5","vocab_size":32128,"d_model":2048,"d_kv":64,"d_ff":5120,"num_layers":24,"num_decoder_layers":24,"num_heads":32,"feed_forward_proj":"gated-gelu","tie_word_embeddings":false,
             "dropout_rate":0.1,"is_encoder_decoder":true}
            """,
        ["t0-11b"] = """
            {"model_type":"t5","vocab_size":32128,"d_model":4096,"d_kv":64,"d_ff":10240,"num_layers":24,"num_decoder_layers":24,"num_heads":64,"feed_forward_proj":"gated-gelu","tie_word_embeddings":false,
             "dropout_rate":0.1,"is_encoder_decoder":true}
            """,
        ["mt0-large"] = """
            {"model_type":"mt5","vocab_size":250112,"d_model":1024,"d_kv":64,"d_ff":2816,"num_layers":24,"num_decoder_layers":24,"num_heads":16,"feed_forward_proj":"gated-gelu","tie_word_embeddings":false,
             "is_encoder_decoder":true}
            """,
    };

    /// <summary>A model's configuration, read from a file in a folder that holds nothing else.</summary>
    public static ModelConfig Of(string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), Texts[name]);
        return ModelConfigFile.Load(folder.Path);
    }
}
