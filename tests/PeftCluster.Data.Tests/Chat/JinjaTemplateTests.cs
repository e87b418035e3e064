using System.Text.Json;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Chat.Jinja;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Tests.Chat;

/// <summary>Jinja's semantics beyond golden/chat. What is expected here was made by jinja2 3.1.6 in transformers' environment.</summary>
public sealed class JinjaTemplateTests
{
    private static readonly Dictionary<string, Value> Data = ((DictValue)ChatValues.Of(JsonDocument.Parse(
        """{"s": "Alfa bravo", "n": 7, "l": [3, 1, 2], "d": {"a": 1, "items": 5}, "people": [{"name": "Ann", "age": 31}, {"name": "bo", "age": 18}]}""").RootElement))
        .Pairs.ToDictionary(pair => ((TextValue)pair.Key).Text, pair => pair.Value);

    [Theory]
    // Scopes: a name that a block sets is its own, even before it is set there; ifs have no scope.
    [InlineData("{% macro f() %}{{ s }}{% endmacro %}{{ f() }}|{% set s = 'x' %}{{ f() }}", "|x")]
    [InlineData("{% if false %}{% set s = 'x' %}{% endif %}{{ s }}", "Alfa bravo")]
    [InlineData("{% for i in l %}{% if i == 1 %}{% set s = i %}{% endif %}{{ s }},{% endfor %}{{ s }}", "Alfa bravo,1,Alfa bravo,Alfa bravo")]
    [InlineData("{% set x = 1 %}{% with x = 2, y = x %}{{ x }}{{ y }}{% set x = 3 %}{{ x }}{% endwith %}{{ x }}", "2131")]
    [InlineData("{% for i in l %}{% macro f() %}{{ i }}{% endmacro %}{{ f() }}{% endfor %}", "312")]
    [InlineData("{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(1, b=2) }}", "1112")]
    [InlineData("{% macro outer() %}{{ caller(2) }}{% endmacro %}{% call(x) outer() %}{{ x * n }}{% endcall %}", "14")]
    // Loops.
    [InlineData("{% for i in l if i > 1 %}{{ loop.index }}{{ loop.last }}{{ loop.length }};{% endfor %}", "1False2;2True2;")]
    [InlineData("{% for a in [1, 2] %}{% for b in [3, 4] %}{% if b == 4 %}{% break %}{% endif %}{{ a }}{{ b }}{{ loop.first }}{% endfor %}{% endfor %}", "13True23True")]
    [InlineData("{% for x in l recursive %}{{ x }}{% if loop.depth < 2 and x > 2 %}({{ loop([x - 1]) }}){% endif %}{% endfor %}", "3(2)12")]
    [InlineData("{% for x in [[1, [2]], [3]] recursive %}{{ loop(x) if x is iterable else x }}{% else %}-{% endfor %}", "123")]
    // Iterators are read once.
    [InlineData("{% set x = l | map('string') %}{{ x | list }}{{ x | list }}", "['3', '1', '2'][]")]
    [InlineData("{{ (l | select('odd')) is sequence }}{{ 3 in l | select }}", "FalseTrue")]
    [InlineData("{{ 'yes' if n | items }}", "yes")]
    // Texts.
    [InlineData("{{ '%05.1f|%-4s|%+d|%x' % (2.25, 'a', 5, 255) }}", "002.2|a   |+5|ff")]
    [InlineData("{{ '{:>6}|{:^5}|{:,}|{:.2f}|{!r}|{a[0]}'.format('x', 'y', 1234567, 0.5, 'q', a=l) }}", "     x|  y  |1,234,567|0.50|'q'|3")]
    [InlineData("{{ 'a,b,,c'.split(',', -1) }}{{ ' a b  c '.split(none, 1) }}{{ ' a b  c '.rsplit(none, 1) }}", "['a', 'b', '', 'c']['a', 'b  c '][' a b', 'c']")]
    [InlineData("{{ 'ab' | wordwrap(1) }}|{{ 'the quick brown fox-trot' | wordwrap(10) }}", "a\nb|the quick\nbrown fox-\ntrot")]
    [InlineData("{{ '🙂a'.center(5, '*') }}{{ '🙂a'.find('a') }}{{ '🙂a'[:1] }}", "**🙂a*1🙂")]
    [InlineData("{{ d.items is callable }}{{ d['items'] }}{{ d | attr('a') is defined }}", "True5False")]
    // Numbers.
    [InlineData("{{ 0.5 | round }}{{ 1.5 | round }}{{ 2.675 | round(2) }}{{ 1e22 | int }}{{ -7.5 // 2 }}{{ -7.5 % 2 }}", "0.02.02.6710000000000000000000000-4.00.5")]
    [InlineData("{{ 10 ** 20 / 3 }}{{ 2 ** 0.5 }}{{ 7 // -2 }}{{ 1 == 1.0 }}{{ 2 ** 63 > 9.2e18 }}", "3.333333333333333e+191.4142135623730951-4TrueTrue")]
    // Order and groups.
    [InlineData("{{ people | sort(attribute='name', reverse=true) | map(attribute='name') | join }}{{ [[2, 'b'], [1, 'a']] | sort }}", "boAnn[[1, 'a'], [2, 'b']]")]
    [InlineData("{{ people | groupby('age') | map('first') | list }}{{ {'b': 1, 'A': 2} | dictsort(reverse=true) }}", "[18, 31][('b', 1), ('A', 2)]")]
    [InlineData("{{ {'b': {'z': 1, 'y': [true]}} | tojson(indent=1, sort_keys=true) }}", "{\n \"b\": {\n  \"y\": [\n   true\n  ],\n  \"z\": 1\n }\n}")]
    // White space.
    [InlineData("a\n  {%- raw %}\n {{ x }} {% endraw -%}\n b", "a\n {{ x }} b")]
    [InlineData("  {#- c #}\n\n{{ n -}}\n\t{{+ n }}", "\n77")]
    public void Renders_as_jinja2_does(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n{{ n +\n 'x' }}", 2, "unsupported operand type(s) for +: 'int' and 'str'")]
    [InlineData("a\n\n{% for x in l %}\n{{ x.y.z }}\n{% endfor %}", 4, "'int object' has no attribute 'y'")]
    [InlineData("{% if true %}\n{% endfor %}", 2, "Encountered unknown tag 'endfor'. The innermost block that needs to be closed is 'if' of line 1, by 'elif' or 'else' or 'endif'.")]
    [InlineData("\n{{ s | shout }}", 2, "No filter named 'shout'.")]
    [InlineData("{% macro f() %}\n{{ 1 // 0 }}{% endmacro %}\n\n{{ f() }}", 2, "division by zero")]
    [InlineData("{{ l.append(1) }}", 1, "access to attribute 'append' of 'list' object is unsafe.")]
    [InlineData("{% include 'x' %}", 1, "the tag 'include' is not supported: a chat template is one file. Write what it brings in its place")]
    [InlineData("{{ lipsum() }}", 1, "lipsum() makes random text, which has no place in training data")]
    [InlineData("{% for i in l %}{% generation %}{% break %}{% endgeneration %}{% endfor %}", 1, "'break' outside loop")]
    public void Says_the_line_and_what_is_wrong(string template, int line, string what)
    {
        var failure = Assert.Throws<TemplateFailure>(() => Render(template));

        Assert.Equal((line, what), (failure.Line, failure.Message));
    }

    [Theory]
    [InlineData("{{ 'a' * 10 ** 12 }}", "makes more than 24,000,000 characters of text")]
    [InlineData("{{ [0] * 10 ** 9 }}", "takes more than 4,000,000 steps")]
    [InlineData("{{ '%999999999d' % 1 }}", "makes more than 24,000,000 characters of text")]
    [InlineData("{{ 'a'.center(10 ** 9) }}", "makes more than 24,000,000 characters of text")]
    [InlineData("{{ '{:>900000000}'.format(1) }}", "makes more than 24,000,000 characters of text")]
    [InlineData("{{ 10 ** 10000000 }}", "makes a number of more than 60,000 digits")]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "takes more than 4,000,000 steps")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "calls itself too deeply")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}", "is nested too deeply")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}", "makes more than 24,000,000 characters of text")]
    public void Stops_at_its_limits(string template, string what) => Assert.Equal(what, Assert.Throws<TemplateFailure>(() => Render(template)).Message);

    [Fact]
    public void Brackets_that_never_end_are_refused()
    {
        foreach (var part in new[] { "(", "[", "not ", "-", "{% if x %}", "x.a", "x|list", "1 if 1 else " })
            Assert.Throws<TemplateFailure>(() => Render("{{ " + string.Concat(Enumerable.Repeat(part, 50_000))));
    }

    private static string Render(string template) => JinjaTemplate.Parse(template).Render(Data, new DateTime(2024, 7, 6)).Text;
}
