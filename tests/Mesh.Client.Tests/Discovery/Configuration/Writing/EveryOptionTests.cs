using System.Collections;
using System.Reflection;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.StatusFaces;
using Mesh.Client.Discovery.Configuration.Writing;

namespace Mesh.Client.Tests.Discovery.Configuration.Writing;

/// <summary>No option is forgotten where settings are shown.</summary>
public class EveryOptionTests
{
    // Only counted: each of them is shown as an endpoint.
    private static readonly string[] Counted = [nameof(MeshServiceOptions.Endpoints)];

    // Of no process but of what they are given to: a health check tells its services in its answer.
    private static readonly Type[] NotShown = [typeof(MeshClientHealthOptions)];

    private static readonly Dictionary<Type, Func<object, SettingList>> Writers = new()
    {
        [typeof(MeshClientOptions)] = options => OptionsWriter.Write((MeshClientOptions)options, (MeshClientOptions)options),
        [typeof(MeshServerOptions)] = options => ServerWriter.Write((MeshServerOptions)options, (MeshServerOptions)options),
        [typeof(MeshAuthorityOptions)] = options => Of(at => ServerWriter.Write(at, (MeshAuthorityOptions)options)),
        [typeof(MeshRegistryOptions)] = options => Of(at => ServerWriter.Write(at, (MeshRegistryOptions)options)),
        [typeof(MeshInjectorOptions)] = options => Of(at => ServerWriter.Write(at, (MeshInjectorOptions)options)),
        [typeof(MeshControlPlaneLimitOptions)] = options => Of(at => ServerWriter.Write(at, (MeshControlPlaneLimitOptions)options)),
        [typeof(MeshStatusOptions)] = options => Of(at => ServerWriter.Write(at, (MeshStatusOptions)options)),
    };

    private readonly HashSet<Type> _seen = [];

    public static TheoryData<Type> Roots => [.. Writers.Keys];

    [Theory]
    [MemberData(nameof(Roots))]
    public void Write_OfOptionsThatAreAllSet_TellsEach(Type root)
    {
        var leaves = new List<string>();
        object options = Filled(root, "", leaves, ports: 1);

        IReadOnlyList<Setting> settings = Writers[root](options).All;

        Assert.Equal(leaves.Order(StringComparer.Ordinal), settings.Select(setting => setting.Path).Order(StringComparer.Ordinal));
        Assert.All(settings, setting => Assert.False(setting.IsBuiltIn, setting.Path));
    }

    [Theory]
    [MemberData(nameof(Roots))]
    public void Write_OfOptionsThatNobodySet_TellsWhatIsBuiltIn(Type root) =>
        Assert.All(Writers[root](Activator.CreateInstance(root)!).All, setting => Assert.True(setting.IsBuiltIn, setting.Path));

    [Fact]
    public void Options_AreAllReached()
    {
        foreach (Type root in Writers.Keys)
        {
            Filled(root, "", [], ports: 1);
        }

        IEnumerable<Type> all = new[] { typeof(MeshClientOptions).Assembly, typeof(MeshServerOptions).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal));
        Assert.Empty(all.Except(_seen).Except(NotShown));
    }

    private static SettingList Of(Action<SettingList> write)
    {
        var all = new SettingList();
        write(all);
        return all;
    }

    // Every property set to what is not built in, every list and dictionary with one entry.
    private object Filled(Type type, string path, List<string> leaves, int ports)
    {
        _seen.Add(type);
        object options = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties())
        {
            if (property.Name == nameof(MeshServiceOptions.Ports) && ports-- == 0)
            {
                continue;
            }

            bool isCounted = Counted.Contains(property.Name);
            object value = Value(property, property.GetValue(options), path + property.Name, isCounted ? [] : leaves, ports);
            if (isCounted)
            {
                leaves.Add(path + property.Name);
            }

            if (property.CanWrite)
            {
                property.SetValue(options, value);
            }
            else if (value is not IDictionary and not IList)
            {
                Copy(value, property.GetValue(options)!);
            }
        }

        return options;
    }

    private object Value(PropertyInfo property, object? current, string path, List<string> leaves, int ports)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
        {
            Type[] arguments = type.GetGenericArguments();
            object key = arguments[0] == typeof(int) ? 81 : "name";
            var entries = (IDictionary)(current ?? Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(arguments))!);
            entries[key] = Entry(arguments[1], $"{path}:{key}", leaves, ports);
            return entries;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>))
        {
            Type element = type.GetGenericArguments()[0];
            var entries = (IList)(current ?? Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!);
            entries.Add(Entry(element, $"{path}:[0]", leaves, ports));
            return entries;
        }

        if (type.Name.EndsWith("Options", StringComparison.Ordinal))
        {
            return Filled(type, $"{path}:", leaves, ports);
        }

        leaves.Add(type == typeof(MeshEndpointKey) ? $"{path}:Label" : path);
        return type switch
        {
            _ when type == typeof(string) => "text",
            _ when type == typeof(bool) => current is not true,
            _ when type == typeof(int) => 4711,
            _ when type == typeof(double) => 0.4711,
            _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(4711),
            _ when type == typeof(Uri) => new Uri("http://there"),
            _ when type == typeof(MeshEndpointKey) => MeshEndpointKey.FromLabel("pod"),
            _ when type.IsEnum => Enum.GetValues(type).Cast<object>().First(value => !value.Equals(current)),
            _ => throw new NotSupportedException($"{property.DeclaringType!.Name}.{property.Name} is of a kind that is new here."),
        };
    }

    private object Entry(Type type, string path, List<string> leaves, int ports)
    {
        if (type != typeof(string))
        {
            return Filled(type, $"{path}:", leaves, ports);
        }

        leaves.Add(path);
        return "text";
    }

    private static void Copy(object from, object to)
    {
        foreach (PropertyInfo property in from.GetType().GetProperties())
        {
            object? value = property.GetValue(from);
            if (property.CanWrite)
            {
                property.SetValue(to, value);
            }
            else if (value is IDictionary entries)
            {
                foreach (DictionaryEntry entry in entries)
                {
                    ((IDictionary)property.GetValue(to)!)[entry.Key] = entry.Value;
                }
            }
            else if (value is IList list)
            {
                Assert.Equal(list, property.GetValue(to));
            }
            else
            {
                Copy(value!, property.GetValue(to)!);
            }
        }
    }
}
