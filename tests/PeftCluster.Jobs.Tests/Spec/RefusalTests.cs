namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>Each kind of mistake in a file, with the exact line that a user reads.</summary>
public sealed class RefusalTests
{
    [Theory]
    // Unknown keys: near, in another section, far, and far from everything.
    [InlineData("target_modules:", "target_module:", "job.yaml:12:3: method.target_module: unknown key. Did you mean target_modules?")]
    [InlineData("  seed: 7", "  max_length: 7", "job.yaml:17:3: training.max_length: unknown key. Did you mean data.max_length?")]
    [InlineData("output: {", "optimiser: {", "job.yaml:20:1: optimiser: unknown key. Known here: name, model, base_dtype, base, plugins, data, method, training, evaluation, resources, journal, output.")]
    [InlineData("threads: 1", "Threads: 1", "job.yaml:19:43: resources.Threads: unknown key. Did you mean threads?")]
    // Missing keys.
    [InlineData("  train: train.jsonl\n", "", "job.yaml:4:3: data.train: missing. Every job needs it, for example train: data/train.jsonl")]
    [InlineData("model: base\n", "", "job.yaml:1:1: model: missing. Every job needs it, for example model: models/llama-3.2-1b")]
    [InlineData("  type: lora\n", "", "job.yaml:9:3: method.type: missing. Known: adalora, bitfit, bottleneck, full, ia3, loha, lokr, lora, p_tuning, prefix_tuning, prompt_tuning, t-few, trainable_tokens, vera.")]
    [InlineData("min: 1, ", "", "job.yaml:19:23: resources.workers.min: missing. Every job needs it, for example min: 1")]
    // Another kind of value.
    [InlineData("2.0e-3", "fast", "job.yaml:14:18: training.learning_rate: expected a number in (0, 10], found fast.")]
    [InlineData("2.0e-3", "\"2.0e-3\"", "job.yaml:14:18: training.learning_rate: expected a number in (0, 10], found the text \"2.0e-3\".")]
    [InlineData("2.0e-3", "", "job.yaml:14:17: training.learning_rate: expected a number in (0, 10], found nothing.")]
    [InlineData("2.0e-3", ".nan", "job.yaml:14:18: training.learning_rate: expected a number in (0, 10], found .nan.")]
    [InlineData("2.0e-3", ".inf", "job.yaml:14:18: training.learning_rate: expected a number in (0, 10], found .inf.")]
    [InlineData("seed: 7", "seed: 7.0", "job.yaml:17:9: training.seed: expected a whole number in [0, 9223372036854775807], found 7.0.")]
    [InlineData("seed: 7", "seed: [7]", "job.yaml:17:9: training.seed: expected a whole number in [0, 9223372036854775807], found a list.")]
    [InlineData("model: base", "model: {a: b}", "job.yaml:2:8: model: expected a path, found a section of keys.")]
    [InlineData("model: base", "model:", "job.yaml:2:7: model: expected a path, found nothing.")]
    [InlineData("name: support-tone", "name: [a]", "job.yaml:1:7: name: expected a name of at most 100 characters, without / \\ : * ? \" < > | and with no dot, hyphen or space at its start, found a list.")]
    [InlineData("name: support-tone", "name: ../up", "job.yaml:1:7: name: expected a name of at most 100 characters, without / \\ : * ? \" < > | and with no dot, hyphen or space at its start, found ../up.")]
    [InlineData("r: 8", "use_rslora: yes", "job.yaml:10:15: method.use_rslora: expected true or false, found yes.")]
    [InlineData("format: alpaca", "format: alpacca", "job.yaml:6:11: data.format: expected one of completion, alpaca, messages, sharegpt, text, preference, classification, choices, found alpacca. Did you mean alpaca?")]
    [InlineData("format: alpaca", "format: [alpaca]", "job.yaml:6:11: data.format: expected one of completion, alpaca, messages, sharegpt, text, preference, classification, choices, found a list.")]
    [InlineData("type: lora", "type: qlora", "job.yaml:9:9: method.type: qlora is no method. Known: adalora, bitfit, bottleneck, full, ia3, loha, lokr, lora, p_tuning, prefix_tuning, prompt_tuning, t-few, trainable_tokens, vera. Did you mean lora?")]
    [InlineData("type: lora", "type: [lora]", "job.yaml:9:9: method.type: expected the name of a method, found a list. Known: adalora, bitfit, bottleneck, full, ia3, loha, lokr, lora, p_tuning, prefix_tuning, prompt_tuning, t-few, trainable_tokens, vera.")]
    [InlineData("threads: 1", "device: gpu", "job.yaml:19:51: resources.device: expected auto, cpu or cuda:N, found gpu.")]
    [InlineData("threads: 1", "memory: 4 GB", "job.yaml:19:51: resources.memory: expected an amount of memory such as 4GB or 800MB, found 4 GB.")]
    [InlineData("seed: 7", "gradient_checkpointing: true", "job.yaml:17:27: training.gradient_checkpointing: expected one of auto, on, off, found true.")]
    [InlineData("{ min: 1, max: 4 }", "many", "job.yaml:19:23: resources.workers: expected a whole number, or {min, max}, in [1, 1024], found many.")]
    [InlineData("[q_proj, v_proj]", "q_proj", "job.yaml:12:19: method.target_modules: expected a list of names, the word all-linear, or a regular expression, found q_proj.")]
    [InlineData("[q_proj, v_proj]", "'.*[qv'", "job.yaml:12:19: method.target_modules: the text \".*[qv\" is no regular expression. Names are written as a list.")]
    [InlineData("[q_proj, v_proj]", "[q_proj]\n  rank_pattern: {q_proj: 0}", "job.yaml:13:26: method.rank_pattern: 0 is not in [1, 4096].")]
    [InlineData("[q_proj, v_proj]", "[q_proj]\n  rank_pattern: {'q(': 1}", "job.yaml:13:18: method.rank_pattern: a key is no regular expression of at most 1000 characters. Write the end of a module's path, for example v_proj.")]
    [InlineData("[q_proj, v_proj]", "[q_proj]\n  alpha_pattern: {}", "job.yaml:13:18: method.alpha_pattern: 0 items; 1 to 1024 are allowed.")]
    [InlineData("r: 8", "init_lora_weights: loftq", "job.yaml:10:22: method.init_lora_weights: expected one of default, gaussian, pissa, pissa_niter_N, olora, found loftq.")]
    [InlineData("r: 8", "init_lora_weights: pissa\n  use_dora: true", "job.yaml:11:13: method.use_dora: init_lora_weights is pissa, which needs plain LoRA. Use one of the two.")]
    [InlineData("[q_proj, v_proj]", "'.*q_proj'\n  layers_to_transform: [0]", "job.yaml:13:24: method.layers_to_transform: target_modules is a regular expression, which can name the layers itself. Use one of the two.")]
    [InlineData("[q_proj, v_proj]", "[q_proj]\n  layers_pattern: layers", "job.yaml:13:19: method.layers_pattern: it says where in a path the numbers of layers_to_transform stand. Add layers_to_transform, or remove layers_pattern.")]
    [InlineData("[q_proj, v_proj]", "[q_proj]\n  layers_to_transform: [0]\n  layers_pattern: {h: 1}", "job.yaml:14:19: method.layers_pattern: expected a list of names, or one name, found a section of keys.")]
    [InlineData("[q_proj, v_proj]", "[q_proj]\n  layers_to_transform: [0]\n  layers_pattern: h|block", "job.yaml:14:19: method.layers_pattern: expected a module's name, found h|block.")]
    [InlineData("r: 8", "lora_bias: true\n  use_dora: true", "job.yaml:10:14: method.lora_bias: use_dora is true, and DoRA has no bias beside B. Use one of the two.")]
    [InlineData("r: 8", "lora_bias: true\n  init_lora_weights: gaussian", "job.yaml:10:14: method.lora_bias: init_lora_weights is gaussian, and a bias beside B needs the default. Use one of the two.")]
    [InlineData("[q_proj, v_proj]", "[q_proj, v proj]", "job.yaml:12:28: method.target_modules[1]: expected a module's name, found v proj.")]
    [InlineData("shots: [0, 1, 5]", "shots: 0", "job.yaml:18:22: evaluation.shots: expected a list of whole numbers in [0, 32], found 0.")]
    [InlineData("output: { folder: runs/support-tone }", "output: runs", "job.yaml:20:9: output: expected a section of keys, found runs.")]
    // Where rows come from.
    [InlineData("train: train.jsonl", "train: []", "job.yaml:4:10: data.train: 0 items; 1 to 1024 are allowed.")]
    [InlineData("train: train.jsonl", "train:", "job.yaml:4:9: data.train: expected a path, or a list of paths or {path, weight, epochs}, found nothing.")]
    [InlineData("train: train.jsonl", "train: [a, [b]]", "job.yaml:4:14: data.train[1]: expected a path, or a list of paths or {path, weight, epochs}, found a list.")]
    [InlineData("train: train.jsonl", "train: [a, ./a]", "job.yaml:4:14: data.train: /home/ada/tone/a stands twice. Write it once, with epochs: 2.")]
    [InlineData("train: train.jsonl", "train: [{path: a, weight: 1, epochs: 2}]", "job.yaml:4:11: data.train[0].epochs: weight says how often its rows are taken. Remove one of the two.")]
    [InlineData("train: train.jsonl", "train: [{path: a, weight: 1}, b]", "job.yaml:4:33: data.train[1].weight: missing: other entries have a weight, and shares need one of each. Add it, or use epochs instead of weights.")]
    [InlineData("train: train.jsonl", "train: [{weight: 1}]", "job.yaml:4:11: data.train[0].path: missing. Every job needs it, for example path: data/train.jsonl")]
    [InlineData("train: train.jsonl", "train: {path: a, weigth: 1}", "job.yaml:4:20: data.train.weigth: unknown key. Did you mean weight?")]
    [InlineData("train: train.jsonl", "train: [{path: a, epochs: 0}]", "job.yaml:4:29: data.train[0].epochs: 0 is not in (0, 1000].")]
    [InlineData("eval: heldout.jsonl", "eval: heldout.jsonl\n  eval_fraction: 0.1", "job.yaml:6:18: data.eval_fraction: data.eval names the held-out rows. Remove one of the two.")]
    [InlineData("eval: heldout.jsonl", "eval_fraction: 1", "job.yaml:5:18: data.eval_fraction: 1 is not in (0, 1).")]
    [InlineData("max_length: 256", "split_seed: 3", "job.yaml:7:15: data.split_seed: it is a part of eval_fraction. Add eval_fraction, or remove split_seed.")]
    [InlineData("max_length: 256", "min_length: 2000", "job.yaml:7:15: data.min_length: 2000 is above data.max_length, 1024: no row could be both. Lower it.")]
    [InlineData("max_length: 256", "columns: {}", "job.yaml:7:12: data.columns: 0 items; 1 to 16 are allowed.")]
    [InlineData("max_length: 256", "columns: {prompt: }", "job.yaml:7:21: data.columns.prompt: expected a text, found nothing.")]
    // Out of range.
    [InlineData("2.0e-3", "-0.1", "job.yaml:14:18: training.learning_rate: -0.1 is not in (0, 10].")]
    [InlineData("2.0e-3", "1e999", "job.yaml:14:18: training.learning_rate: 1e999 is not in (0, 10].")]
    [InlineData("2.0e-3", "0", "job.yaml:14:18: training.learning_rate: 0 is not in (0, 10].")]
    [InlineData("r: 8", "r: 0", "job.yaml:10:6: method.r: 0 is not in [1, 4096].")]
    [InlineData("r: 8", "r: 99999999999999999999", "job.yaml:10:6: method.r: 99999999999999999999 is not in [1, 4096].")]
    [InlineData("r: 8", "lora_dropout: 1", "job.yaml:10:17: method.lora_dropout: 1 is not in [0, 1).")]
    [InlineData("max: 4 }", "max: 4000 }", "job.yaml:19:38: resources.workers.max: 4000 is not in [1, 1024].")]
    [InlineData("[q_proj, v_proj]", "[]", "job.yaml:12:19: method.target_modules: 0 items; 1 to 1024 are allowed.")]
    // Keys that do not fit together.
    [InlineData("seed: 7", "sgd: { nesterov: true }", "job.yaml:17:20: training.sgd.nesterov: it needs a momentum. Set sgd.momentum, or remove nesterov.")]
    [InlineData("seed: 7", "choice_loss: { language_model: 0, unlikelihood: 0, length_normalised: 0 }", "job.yaml:17:16: training.choice_loss: all three weights are 0, so nothing would be learnt. Give language_model, unlikelihood or length_normalised a weight above 0.")]
    [InlineData("seed: 7", "choice_loss: { unlikelihood: -1 }", "job.yaml:17:32: training.choice_loss.unlikelihood: -1 is not in [0, 1000].")]
    [InlineData("seed: 7", "choice_loss: { unlikelihood_form: log }", "job.yaml:17:37: training.choice_loss.unlikelihood_form: expected one of code, paper, found log.")]
    [InlineData("seed: 7", "adafactor: { warmup_init: true }", "job.yaml:17:29: training.adafactor.warmup_init: it is a part of relative_step. Set relative_step too, or use warmup_steps.")]
    [InlineData("seed: 7", "lr_scheduler_kwargs: { min_lr: 1e-4, min_lr_rate: 0.1 }", "job.yaml:17:34: training.lr_scheduler_kwargs.min_lr: min_lr_rate says the same as a share of the peak. Remove one of them.")]
    [InlineData("seed: 7", "lr_scheduler_kwargs: { min_lr: 1 }", "job.yaml:17:34: training.lr_scheduler_kwargs.min_lr: it is above training.learning_rate, the peak. Lower it.")]
    [InlineData("seed: 7", "lr_scheduler_kwargs: { anneal_strategy: one_minus_sqrt }", "job.yaml:17:43: training.lr_scheduler_kwargs.anneal_strategy: one_cycle goes by cosine or linear. Choose one of them.")]
    [InlineData("seed: 7", "ema_update_after_step: 5", "job.yaml:17:26: training.ema_update_after_step: there is no average. Add ema_decay, or remove ema_update_after_step.")]
    [InlineData("seed: 7", "ema_decay: 1", "job.yaml:17:14: training.ema_decay: 1 is not in (0, 1).")]
    [InlineData("min: 1", "min: 9", "job.yaml:19:23: resources.workers: min 9 is above max 4.")]
    [InlineData("[0, 1, 5]", "[0, 1, 1]", "job.yaml:18:29: evaluation.shots: 1 stands twice. Remove one.")]
    [InlineData("[q_proj, v_proj]", "[q_proj, q_proj]", "job.yaml:12:28: method.target_modules: q_proj stands twice. Remove one.")]
    [InlineData("[q_proj, v_proj]", "[q_proj, all-linear]", "job.yaml:12:19: method.target_modules: all-linear stands for every name. Write all-linear alone, or names alone.")]
    [InlineData("warmup_ratio: 0.05", "max_steps: 20\n  warmup_steps: 30", "job.yaml:17:17: training.warmup_steps: 30 is above training.max_steps, 20: the rate would never reach its peak. Lower it, or raise max_steps.")]
    [InlineData("seed: 7", "early_stopping_patience: 3", "job.yaml:17:28: training.early_stopping_patience: nothing is measured during training that could stop it. Add eval_steps, or remove early_stopping_patience.")]
    [InlineData("seed: 7", "load_best_model_at_end: true", "job.yaml:17:27: training.load_best_model_at_end: nothing is measured during training that could be best. Add eval_steps, or remove load_best_model_at_end.")]
    [InlineData("seed: 7", "eval_steps: 5\n  early_stopping_threshold: 0.1", "job.yaml:18:29: training.early_stopping_threshold: it is a part of early stopping. Add early_stopping_patience, or remove early_stopping_threshold.")]
    [InlineData("seed: 7", "metric_for_best_model: accuracy", "job.yaml:17:26: training.metric_for_best_model: expected one of loss, exact_match, found accuracy. Another metric has to stand in evaluation.metrics.")]
    [InlineData("seed: 7", "metric_for_best_model: 3", "job.yaml:17:26: training.metric_for_best_model: expected a metric's name, found 3.")]
    [InlineData("seed: 7", "greater_is_better: true", "job.yaml:17:22: training.greater_is_better: of loss less is better. Remove greater_is_better.")]
    [InlineData("runs/support-tone", "base/../base", "job.yaml:20:19: output.folder: this is the model's folder, which nothing may write to. Choose another one.")]
    public void A_wrong_key_or_value_is_refused_with_its_line(string piece, string replacement, string line) =>
        Assert.Equal(line, Jobs.RefusalWith(piece, replacement));

    [Theory]
    [InlineData("", "job.yaml: expected the keys of a job. The shortest has model, data and method.")]
    [InlineData("# nothing\n", "job.yaml: expected the keys of a job. The shortest has model, data and method.")]
    [InlineData("- a", "job.yaml: expected the keys of a job. The shortest has model, data and method.")]
    [InlineData("a: [1\nb: 2", "job.yaml:1:4: not valid YAML after this place. Look for an open bracket or quote.")]
    [InlineData("a: 'b", "job.yaml:1:4: not valid YAML. While scanning a quoted scalar, found unexpected end of stream.")]
    [InlineData("a: b: c", "job.yaml:1:5: not valid YAML. While scanning a plain scalar value, found invalid mapping.")]
    [InlineData("a: 1\nb: *a", "job.yaml:2:4: *a is an alias, and a job has none. Write the value out.")]
    [InlineData("a: &a 1", "job.yaml:1:4: &a is an anchor, and a job has none. Write the value out.")]
    [InlineData("a: !!str 1", "job.yaml:1:4: tag:yaml.org,2002:str is a tag, and a job has none. Remove it.")]
    [InlineData("a: 1\na: 2", "job.yaml:2:1: a stands twice in this section. Remove one.")]
    [InlineData("? [a, b]\n: 1", "job.yaml:1:3: a key has to be one word.")]
    [InlineData("a: 1\n---\nb: 1", "job.yaml:2:1: a second document starts here. A job is one document: remove the line ---.")]
    [InlineData("a: \"x\\u0007\"", "job.yaml:1:4: the text holds the control character U+0007. Remove it.")]
    [InlineData("a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "job.yaml:1:20: values are nested deeper than 16 levels.")]
    public void What_is_no_plain_yaml_is_refused_with_its_place(string text, string line) =>
        Assert.Equal(line, Jobs.Refusal(text));

    [Fact]
    public void A_key_of_another_method_is_answered_with_those_of_this_one() =>
        Assert.EndsWith(
            "method.r: unknown key. Known here: target_modules, feedforward_modules, init_ia3_weights, exclude_modules, modules_to_save, initial_adapter.",
            Jobs.Refusal(Jobs.Shortest.Replace("type: lora", "type: ia3, r: 8", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Theory]
    [InlineData("adalora")]
    [InlineData("loha")]
    [InlineData("lokr")]
    [InlineData("lora")]
    [InlineData("vera")]
    public void Every_method_that_chooses_layers_refuses_half_a_choice(string type)
    {
        var shortest = Jobs.Shortest.Replace("lora", type, StringComparison.Ordinal);

        Assert.EndsWith("method.layers_pattern: it says where in a path the numbers of layers_to_transform stand. Add layers_to_transform, or remove layers_pattern.", Jobs.Refusal(shortest, "method.layers_pattern=h"), StringComparison.Ordinal);
        Assert.EndsWith("method.layers_to_transform: target_modules is a regular expression, which can name the layers itself. Use one of the two.", Jobs.Refusal(shortest, "method.target_modules='.*q'", "method.layers_to_transform=[0]"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_average_does_not_go_with_pruned_ranks() => Assert.Equal(
        "job.yaml:5:14: training.ema_decay: adalora prunes ranks, and an average would bring them back. Remove ema_decay, or take lora.",
        Jobs.Refusal($"{Jobs.Shortest.Replace("lora", "adalora", StringComparison.Ordinal)}\ntraining:\n  ema_decay: 0.9\n"));

    [Fact]
    public void Measuring_during_training_needs_rows_to_measure() => Assert.Equal(
        "job.yaml:5:15: training.eval_steps: there are no held-out rows to measure. Add data.eval or data.eval_fraction, or remove eval_steps.",
        Jobs.Refusal($"{Jobs.Shortest}\ntraining:\n  eval_steps: 5\n"));

    [Theory]
    [InlineData("", "training.max_steps: 0 measures the base and trains nothing, and there are no held-out rows to measure it on. Add data.eval or data.eval_fraction, or raise max_steps.")]
    [InlineData("eval: heldout.jsonl, ", "training.max_steps: 0 measures the base and trains nothing, and there is no evaluation.shots to measure it with. Set shots to [0], or raise max_steps.")]
    public void A_run_of_no_steps_needs_something_to_measure(string eval, string line) => Assert.EndsWith(
        line, Jobs.Refusal($"{Jobs.Shortest.Replace("data: { ", $"data: {{ {eval}", StringComparison.Ordinal)}\ntraining: {{ max_steps: 0 }}\nevaluation: {{ shots: [] }}\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("wrong_labels: 1.5", "evaluation.wrong_labels: 1.5 is not in [0, 1].")]
    [InlineData("balanced: true", "evaluation.balanced: rows of data.format: completion have no choices. Remove it, or set data.format: choices.")]
    [InlineData("rank_by: longest", "evaluation.rank_by: expected one of mean, sum, found longest.")]
    [InlineData("description: ''", "evaluation.description: expected a text, found the text \"\".")]
    public void What_stands_before_a_question_is_checked(string key, string line) =>
        Assert.EndsWith(line, Jobs.Refusal($"{Jobs.Shortest}\nevaluation: {{ {key} }}\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("prompt_tuning")]
    [InlineData("p_tuning")]
    public void Virtual_tokens_have_no_room_in_packed_rows(string method) => Assert.EndsWith(
        $": data.packing: {method} puts virtual tokens before each row, and packed rows have no room for them. Remove packing, or take lora or prefix_tuning.",
        Jobs.Refusal(Jobs.Shortest.Replace("data: { ", "data: { packing: true, ", StringComparison.Ordinal).Replace("type: lora", $"type: {method}", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Theory]
    [InlineData("text, chat_template: chatml", "data.chat_template: rows of text are learnt as they are. Remove chat_template, or choose another format.")]
    [InlineData("text", "evaluation.shots: examples stand before a prompt in plain rows only, not before documents. Set shots to [0], or to [].")]
    [InlineData("messages", "evaluation.shots: examples stand before a prompt in plain rows only, not in conversations. Set shots to [0], or to [].")]
    [InlineData("completion, chat_template: model", "evaluation.shots: examples stand before a prompt in plain rows only, not in conversations. Set shots to [0], or to [].")]
    [InlineData("chat", "data.format: expected one of completion, alpaca, messages, sharegpt, text, preference, classification, choices, found chat.")]
    [InlineData("messages, chat_template: []", "data.chat_template: expected a name, or a path that ends in .jinja, found an empty list.")]
    [InlineData("messages, loss_on: all", "data.loss_on: expected one of last_turn, assistant_turns, everything, found all.")]
    public void Shapes_of_rows_and_what_is_said_of_them_fit_together(string format, string line) => Assert.EndsWith(
        line,
        Jobs.Refusal(Jobs.Shortest.Replace("data: { ", $"data: {{ format: {format}, ", StringComparison.Ordinal) + "\nevaluation: { shots: [0, 2] }\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("format: choices", "data.task: missing. Format choices needs a task: a built-in one, for example rte, or the path of a file that ends in .yaml (docs/tasks.md).")]
    [InlineData("task: rte", "data.task: only rows with choices have a task. Set data.format: choices, or remove task.")]
    [InlineData("templates: [one]", "data.templates: only a task has templates. Set data.format: choices and data.task, or remove templates.")]
    [InlineData("format: choices, task: rte, templates: []", "data.templates: 0 items; 1 to 256 are allowed.")]
    [InlineData("format: choices, task: rte, templates: [a, a]", "data.templates: a stands twice. Remove one.")]
    [InlineData("format: choices, task: rte, packing: true", "data.packing: a prompt with its choices fills a row of its own. Remove packing.")]
    [InlineData("format: choices, task: rte, loss_on: everything", "data.loss_on: of rows with choices the choices are learnt, not the prompt. Remove loss_on.")]
    [InlineData("format: choices, task: rte, chat_template: chatml", "data.chat_template: rows with choices are no conversations: their texts are what the task's templates say. Remove chat_template.")]
    [InlineData("train_examples: 0", "data.train_examples: 0 is not in [1, 2147483647].")]
    [InlineData("format: choices, task: rte, balanced: true", "data.balanced: it is a part of train_examples. Add train_examples, or remove balanced.")]
    [InlineData("train_examples: 4, balanced: true", "data.balanced: rows of data.format: completion have no choices. Remove it, or set data.format: choices.")]
    [InlineData("format: classification, shuffle_labels: true", "data.shuffle_labels: rows of data.format: classification have no choices. Remove it, or set data.format: choices.")]
    [InlineData("train_examples: 4, train: [{path: a, epochs: 2}]", "data.train_examples: the entries of a mixture say how often each row is taken. Remove their weights and epochs, or train_examples.")]
    public void Keys_of_choices_that_do_not_fit_together_are_refused(string keys, string line) => Assert.EndsWith(
        line, Jobs.Refusal(Jobs.Shortest.Replace("train: train.jsonl", keys.Contains("train:", StringComparison.Ordinal) ? keys : $"train: train.jsonl, {keys}", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void Rows_with_choices_have_losses_of_their_own() => Assert.EndsWith(
        "training.label_smoothing_factor: rows with choices are learnt by training.choice_loss, which has no smoothing. Remove label_smoothing_factor.",
        Jobs.Refusal(Jobs.Shortest.Replace("train: train.jsonl", "train: train.jsonl, format: choices, task: rte", StringComparison.Ordinal), "training.label_smoothing_factor=0.1"), StringComparison.Ordinal);

    [Theory]
    [InlineData("adalora, target_r: 13", "method.target_r: 13 is above init_r, 12: ranks are only pruned. Lower it, or raise init_r.")]
    [InlineData("adalora, total_step: 10, tinit: 4, tfinal: 6", "method.tfinal: tinit and tfinal leave no step to prune in of 10. Lower them, or train for more steps.")]
    [InlineData("prompt_tuning, prompt_tuning_init: text", "method.prompt_tuning_init: text needs a text to start from. Add prompt_tuning_init_text, or choose another start.")]
    [InlineData("prompt_tuning, prompt_tuning_init_text: a", "method.prompt_tuning_init_text: only the start text uses it. Set prompt_tuning_init: text, or remove it.")]
    [InlineData("prefix_tuning, encoder_hidden_size: 8", "method.encoder_hidden_size: there is no network without projection. Set prefix_projection: true, or remove it.")]
    [InlineData("prefix_tuning, prefix_projection: true, init_weights: zero", "method.init_weights: a network of zeros never learns. Remove init_weights, or set prefix_projection: false.")]
    public void Keys_of_a_prompt_that_do_not_fit_together_are_refused(string method, string line) =>
        Assert.EndsWith(line, Jobs.Refusal(Jobs.Shortest.Replace("type: lora", $"type: {method}", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void What_a_method_alone_cannot_mean_is_refused_at_its_key() => Assert.Equal(
        "job.yaml:3:80: method.feedforward_modules: wo is none of target_modules, k_proj, down_proj. Name it there too, or remove it here.",
        Jobs.Refusal(Jobs.Shortest.Replace("type: lora", "type: ia3, target_modules: [k_proj, down_proj], feedforward_modules: [down_proj, wo]", StringComparison.Ordinal)));

    [Fact]
    public void A_text_without_end_is_refused() => Assert.Equal(
        "job.yaml:1:8: model: the text has 5000 characters; at most 4096 are allowed.",
        Jobs.Refusal($"model: {new string('x', 5000)}\n{Jobs.Shortest.Replace("model: base", "", StringComparison.Ordinal)}"));

    [Fact]
    public void What_was_found_is_shown_shortened() => Assert.Equal(
        $"job.yaml:17:9: training.seed: expected a whole number in [0, 9223372036854775807], found {new string('x', 60)}….",
        Jobs.RefusalWith("seed: 7", $"seed: {new string('x', 500)}"));

    [Fact]
    public void A_line_is_never_longer_than_a_reader_can_bear() => Assert.Equal(
        2001, Jobs.Refusal($"? {new string('x', 50_000)}\n: 1").Length);
}
