using Quickstart;

return args switch
{
    ["--instance", string name] => await CatalogInstance.RunAsync(name),
    ["--serve"] => await Serve.RunAsync(),
    [] => await Tour.RunAsync(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run --project examples/Quickstart [-- --serve]");
    return 2;
}
