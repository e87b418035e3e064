using PeftCluster.Data.Chat;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tests.Chat;

/// <summary>The chat template of a model folder, and the lines that users get of a wrong one.</summary>
public sealed class ChatTemplateFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("peft-chat-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Tokenizer_config_has_the_template_and_its_tokens()
    {
        Write("tokenizer_config.json", """{"bos_token": "<s>", "eos_token": {"content": "</s>", "special": true}, "pad_token": null, "chat_template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token }}"}""");

        Assert.Equal("<s>hi</s>", Load()!.Render(Talk.Of(("user", "hi")), Talk.Now).Text);
    }

    [Fact]
    public void A_file_of_its_own_comes_first()
    {
        Write("tokenizer_config.json", """{"eos_token": "</s>", "chat_template": "old"}""");
        Write("chat_template.jinja", "new{{ eos_token }}\n");

        Assert.Equal("new</s>", Load()!.Render(Talk.Of(("user", "hi")), Talk.Now).Text);
    }

    [Fact]
    public void Of_a_list_of_templates_the_default_is_taken()
    {
        Write("tokenizer_config.json", """{"chat_template": [{"name": "rag", "template": "a"}, {"name": "default", "template": "b"}]}""");

        Assert.Equal("b", Load()!.Text);
    }

    [Fact]
    public void A_folder_without_a_template_has_none()
    {
        Assert.Null(Load());
        Write("tokenizer_config.json", "{}");
        Assert.Null(Load());
    }

    [Theory]
    [InlineData("""{"chat_template": 5}""", "tokenizer_config.json: chat_template: is not a list.")]
    [InlineData("""{"chat_template": [{"name": "rag", "template": "a"}]}""", "tokenizer_config.json: chat_template: no template of the list is named default. Name one so, or write the template to chat_template.jinja.")]
    [InlineData("""{"chat_template": "a\n{% for m in messages %}"}""", "tokenizer_config.json: chat_template:2: Unexpected end of template. Jinja was looking for the following tags: 'endfor' or 'else'. The innermost block that needs to be closed is 'for' of line 2. Fix the template, or choose one by name.")]
    public void A_wrong_one_is_refused_in_one_line(string config, string line)
    {
        Write("tokenizer_config.json", config);

        Assert.Equal(Path.Combine(_folder, line), Assert.Throws<BadInputException>(Load).Message);
    }

    [Fact]
    public void What_a_template_refuses_is_one_line_with_its_place()
    {
        Write("chat_template.jinja", "\n{{ raise_exception('roles must\nalternate') }}");

        Assert.Equal(Path.Combine(_folder, "chat_template.jinja:2: the template refuses the conversation: roles must alternate. Fix the conversation, or choose another template."),
            Assert.Throws<BadInputException>(() => Load()!.Render(Talk.Of(("user", "hi")), Talk.Now)).Message);
    }

    [Fact]
    public void A_last_message_is_continued_where_its_content_ends()
    {
        var template = ChatTemplate.Parse("t", "{% for m in messages %}[{{ m.content | trim }}]\n{% endfor %}", new Dictionary<string, string>());

        Assert.Equal("[a]\n[It is", template.RenderToContinue(Talk.Of(("user", "a"), ("assistant", "It is  ")), Talk.Now));
        Assert.Equal("t: there is no last message to continue. Fix the conversation, or choose another template.",
            Assert.Throws<BadInputException>(() => template.RenderToContinue(Talk.Of(), Talk.Now)).Message);
    }

    private ChatTemplate? Load() => ChatTemplateFiles.Load(_folder);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
