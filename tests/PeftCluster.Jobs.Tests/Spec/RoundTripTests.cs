using CsCheck;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>The resolved job, as it lies beside every run, is the job.</summary>
public sealed class RoundTripTests
{
    [Fact]
    public void What_is_written_reads_as_an_equal_job_with_an_equal_digest() => JobGen.Job.Sample(
        job =>
        {
            var again = Jobs.Parse(JobFile.Write(job));
            Assert.Equal(job, again);
            Assert.Equal(JobDigest.Of(job), JobDigest.Of(again));
        },
        iter: 500, seed: "0N0XIzNsQ0O2", threads: 1);

    [Fact]
    public void Every_default_is_written() => Assert.Equal(
        """
        # yaml-language-server: $schema=job.schema.json
        name: tone
        model: /home/ada/tone/base
        base_dtype: stored
        base:
          fetch: false
        plugins: []
        data:
          train: /home/ada/tone/train.jsonl
          eval: null
          eval_fraction: null
          split_seed: 0
          format: completion
          task: null
          templates: null
          train_examples: null
          examples_seed: 0
          balanced: false
          shuffle_labels: false
          columns: null
          template: alpaca
          chat_template: null
          loss_on: assistant_turns
          max_length: 1024
          packing: false
          min_length: 1
          drop_duplicates: false
          on_too_long: truncate
          on_empty: refuse
          on_bad_row: refuse
        method:
          type: lora
          r: 8
          lora_alpha: 8
          lora_dropout: 0
          target_modules: null
          use_rslora: false
          use_dora: false
          init_lora_weights: default
          loraplus_lr_ratio: null
          loraplus_embedding_ratio: 0.005
          trainable_token_indices: null
          bias: none
          lora_bias: false
          modules_to_save: null
          exclude_modules: null
          layers_to_transform: null
          layers_pattern: null
          rank_pattern: null
          alpha_pattern: null
        training:
          learning_rate: 0.0002
          num_train_epochs: 3
          max_steps: null
          micro_batch_size: 8
          micro_batches: 4
          group_by_length: true
          lr_scheduler_type: linear
          lr_scheduler_kwargs: {num_cycles: null, power: 1, lr_end: 1e-07, timescale: null, min_lr: null, min_lr_rate: null, warmup_lr_rate: null, num_stable_steps: null, num_decay_steps: null, min_lr_ratio: 0, warmup_type: linear, decay_type: cosine, pct_start: 0.3, anneal_strategy: cosine, three_phase: false, div_factor: 25, final_div_factor: 10000, cycle_momentum: true, base_momentum: 0.85, max_momentum: 0.95}
          warmup_ratio: 0
          warmup_steps: 0
          optim: adamw
          sgd: {momentum: 0, nesterov: false}
          adafactor: {scale_parameter: false, relative_step: false, warmup_init: false, clip_threshold: 1, decay_rate: -0.8, beta1: null, epsilon1: 1e-30, epsilon2: 0.001}
          weight_decay: 0
          adam_beta1: 0.9
          adam_beta2: 0.999
          adam_epsilon: 1e-08
          loss: null
          choice_loss: {language_model: 1, unlikelihood: 1, length_normalised: 1, unlikelihood_form: code}
          label_smoothing_factor: 0
          neftune_noise_alpha: null
          max_grad_norm: 1
          ema_decay: null
          ema_update_after_step: 0
          seed: 42
          gradient_checkpointing: auto
          logging_steps: 10
          save_steps: 50
          eval_steps: null
          metric_for_best_model: loss
          greater_is_better: null
          load_best_model_at_end: false
          early_stopping_patience: null
          early_stopping_threshold: 0
          audit_fraction: 0
        evaluation:
          shots: [0]
          demonstrations_seed: 0
          shared_examples: null
          balanced: false
          wrong_labels: 0
          description: null
          rank_by: mean
          batch_size: 16
          max_new_tokens: 64
          metrics: []
        resources:
          workers: null
          threads: 1
          device: auto
          memory: null
        journal:
          keep: snapshots
          max_vector: 64
        output:
          folder: /home/ada/tone/runs/tone

        """.ReplaceLineEndings("\n"),
        JobFile.Write(Jobs.Parse(Jobs.Shortest)));
}
