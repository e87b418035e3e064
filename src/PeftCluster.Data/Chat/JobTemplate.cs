using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Chat;

/// <summary>The template that a job's rows are rendered with, as data.chat_template says.</summary>
public static class JobTemplate
{
    /// <summary>The word for the template of the model's folder.</summary>
    public const string OfModel = "model";

    /// <summary>
    /// What strftime_now gives a template: one date for everybody, or else rows would not have the same tokens on two machines, or today and
    /// tomorrow. It is the one that Llama 3.1's template has for whoever gives none. A row that means another day names it in chat_template_kwargs.
    /// </summary>
    public static readonly DateTime Now = new(2024, 7, 26);

    /// <summary>The job's template; null where its rows are no conversations.</summary>
    /// <exception cref="BadInputException">There is none, or it is damaged.</exception>
    public static ChatTemplate? Of(JobSpec job)
    {
        var isChat = job.Data.Format is DataFormat.Messages or DataFormat.Sharegpt;
        return (job.Data.ChatTemplate ?? (isChat ? OfModel : null)) switch
        {
            null => null,
            OfModel => ChatTemplateFiles.Load(job.Model) ?? throw new BadInputException(
                $"{job.Model}: has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json). Set data.chat_template to the format that the model knows ({string.Join(", ", NamedTemplates.Names)}), or to the path of a template, which ends in .jinja."),
            var path when path.EndsWith(".jinja", StringComparison.Ordinal) => ChatTemplateFiles.LoadFile(path, job.Model),
            var name => NamedTemplates.Of(name, ChatTemplateFiles.Tokens(job.Model)),
        };
    }
}
