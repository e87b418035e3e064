using System.Reflection;
using PeftCluster.Jobs.Spec.Plugins;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>Picks the kind of a key from its property's type and attributes.</summary>
internal static class KeyTypes
{
    public static KeyType Of(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(int) || type == typeof(long))
            return new WholeNumberType(IntervalOf(property), isLong: type == typeof(long));
        if (type == typeof(double))
            return new NumberType(IntervalOf(property));
        if (type == typeof(bool))
            return new FlagType();
        if (type.IsEnum)
            return new ChoiceType(type);
        if (type == typeof(string))
            return property.GetCustomAttribute<LocalPathAttribute>() is { } path
                ? new PathType(path.Ending)
                : new TextType(property.GetCustomAttribute<PatternAttribute>());
        if (type == typeof(ValueList<int>))
            return new ListType<int>(new WholeNumberType(IntervalOf(property), isLong: false), "whole numbers", Need<ItemsAttribute>(property));
        if (type == typeof(ValueList<string>))
        {
            var name = new TextType(Need<PatternAttribute>(property));
            var names = new ListType<string>(name, "names", Need<ItemsAttribute>(property));
            if (property.IsDefined(typeof(OrOneNameAttribute)))
                return new NamesOrOneType(names, name);
            var (word, orPattern) = (property.GetCustomAttribute<OrWordAttribute>()?.Word, property.IsDefined(typeof(OrPatternAttribute)));
            return word is null && !orPattern ? names : new NamesOrElseType(names, word, orPattern);
        }
        if (type == typeof(ValueMap<int>))
            return new PatternMapType<int>(new WholeNumberType(IntervalOf(property), isLong: false), "whole numbers", Need<ItemsAttribute>(property));
        if (type == typeof(ValueMap<double>))
            return new PatternMapType<double>(new NumberType(IntervalOf(property)), "numbers", Need<ItemsAttribute>(property));
        if (type == typeof(ValueMap<string>))
            return new NameMapType(Need<ItemsAttribute>(property));
        if (type == typeof(DataSources))
            return new SourcesType();
        if (type == typeof(WorkersRange))
            return new WorkersType(IntervalOf(property));
        if (type == typeof(ValueList<PluginReference>))
            return new ListType<PluginReference>(new PluginType(), "plugins", Need<ItemsAttribute>(property));
        if (type == typeof(LossSpec))
            return PickedType.Loss;
        return type == typeof(MethodSpec) ? PickedType.Method : SectionType.Of(type);
    }

    private static Interval IntervalOf(PropertyInfo property) => Interval.Parse(Need<InAttribute>(property).Interval);

    private static TAttribute Need<TAttribute>(PropertyInfo property) where TAttribute : Attribute =>
        property.GetCustomAttribute<TAttribute>()
        ?? throw new InvalidOperationException($"{property.DeclaringType?.Name}.{property.Name} needs [{typeof(TAttribute).Name}]");
}
