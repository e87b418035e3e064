using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>The keys that users' files rely on. One that goes away breaks files; one that comes is written down here.</summary>
public sealed class KeyListTests
{
    [Fact]
    public void The_keys_of_a_job_are_these() => Assert.Equal(
        """
        name
        model
        base
        base.fetch
        data
        data.train
        data.eval
        data.format
        data.template
        data.max_length
        data.on_too_long
        data.on_empty
        method
        method.target_modules
        method.feedforward_modules
        method.init_ia3_weights
        method.exclude_modules
        method.r
        method.lora_alpha
        method.lora_dropout
        method.target_modules
        method.use_rslora
        method.use_dora
        method.init_lora_weights
        method.loraplus_lr_ratio
        method.exclude_modules
        method.layers_to_transform
        method.rank_pattern
        method.alpha_pattern
        method.num_virtual_tokens
        method.encoder_hidden_size
        method.num_virtual_tokens
        method.prefix_projection
        method.encoder_hidden_size
        method.init_weights
        method.num_virtual_tokens
        method.prompt_tuning_init
        method.prompt_tuning_init_text
        training
        training.learning_rate
        training.num_train_epochs
        training.max_steps
        training.micro_batch_size
        training.micro_batches
        training.lr_scheduler_type
        training.warmup_ratio
        training.warmup_steps
        training.weight_decay
        training.adam_beta1
        training.adam_beta2
        training.adam_epsilon
        training.max_grad_norm
        training.seed
        training.logging_steps
        training.save_steps
        training.eval_steps
        training.metric_for_best_model
        training.load_best_model_at_end
        training.early_stopping_patience
        training.early_stopping_threshold
        training.audit_fraction
        evaluation
        evaluation.shots
        evaluation.demonstrations_seed
        evaluation.batch_size
        evaluation.max_new_tokens
        resources
        resources.workers
        resources.threads
        resources.device
        journal
        journal.keep
        journal.max_vector
        output
        output.folder
        """.Split('\n'),
        JobKeys.All().Select(key => key.Name));
}
