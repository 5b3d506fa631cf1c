using Quickstart;

return args switch
{
    ["--child", string name] => await CatalogInstance.RunChildAsync(name),
    ["--instance", string name] => await Join.RunAsync(name),
    ["--serve"] => await Serve.RunAsync(),
    [] => await Tour.RunAsync(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run --project examples/Quickstart [-- --serve | --instance NAME]");
    return 2;
}
