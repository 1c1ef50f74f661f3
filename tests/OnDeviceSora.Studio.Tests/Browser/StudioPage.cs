using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OnDeviceSora.Studio.Tests.Browser;

/// <summary>The page, found by the roles and names that a screen reader tells. Notes every word on the console and every request.</summary>
public sealed class StudioPage : IAsyncDisposable
{
    private const int MostTabs = 150;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();

    public StudioPage(IPage page, Studio studio)
    {
        (Page, Studio) = (page, studio);
        page.SetDefaultTimeout(60_000);
        SetDefaultExpectTimeout(60_000);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Request += (_, request) => _requests.Enqueue(request.Url);
    }

    public IPage Page { get; }

    public Studio Studio { get; }

    public ILocator Prompt => Page.GetByRole(AriaRole.Textbox, new() { Name = "Prompt", Exact = true });

    public ILocator Now => Region("Now generating");

    public ILocator Queue => Region("Queue");

    public ILocator Cards => Region("Gallery").GetByRole(AriaRole.Article);

    public ILocator Region(string name) => Page.GetByRole(AriaRole.Region, new() { Name = name, Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Dialog(string name) => Page.GetByRole(AriaRole.Dialog, new() { Name = name });

    public async Task OpenAsync()
    {
        await Page.GotoAsync(Studio.Address);
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "On-device Sora" })).ToBeVisibleAsync();
    }

    /// <summary>Presses Tab until something has the focus.</summary>
    public async Task TabToAsync(ILocator target)
    {
        for (var i = 0; i < MostTabs; i++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement")) return;
            await Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"{target} cannot be reached with the Tab key");
    }

    /// <summary>Nothing serious may be found, and the console must be silent.</summary>
    public async Task AssertAccessibleAsync(string state)
    {
        var found = await Page.RunAxe();
        Assert.True(found.Violations.Length == 0, state + ": " + string.Join("; ", found.Violations.Select(Describe)));
    }

    /// <summary>Nothing was complained about, and nothing was asked of anybody else.</summary>
    public void AssertQuiet()
    {
        Assert.Empty(_complaints);
        Assert.All(_requests, url => Assert.True(url.StartsWith(Studio.Address, StringComparison.Ordinal) || url.StartsWith("blob:", StringComparison.Ordinal) || url.StartsWith("data:", StringComparison.Ordinal), url));
    }

    public async Task<bool> ScrollsSidewaysAsync() => await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth");

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();

    private static string Describe(AxeResultItem item) => $"{item.Id} ({item.Impact}): {item.Help} at {string.Join(", ", item.Nodes.Select(node => node.Html).Take(3))}";
}
