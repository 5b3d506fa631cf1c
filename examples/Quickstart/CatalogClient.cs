namespace Quickstart;

/// <summary>An ordinary typed client: that its base address is the name of a service is all it knows of the mesh.</summary>
internal sealed class CatalogClient(HttpClient http)
{
    public async Task<Answer> GetItemAsync(string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/items/{user}");
        request.Headers.Add("x-user-id", user);
        using HttpResponseMessage response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        CatalogInstance.ItemView item = (await response.Content.ReadFromJsonAsync<CatalogInstance.ItemView>())!;
        return new Answer(item.Instance, response.GetMeshCallInfo(), item.Seen);
    }
}
