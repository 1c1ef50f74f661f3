using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OnDeviceSora.Studio.Tests.Browser;

/// <summary>How the page looks: readable for everybody, in light and dark, on a desktop and on a phone. Makes the pictures of the documentation.</summary>
[Collection(nameof(Chromium))]
public sealed class AppearanceTests(Chromium chromium)
{
    /// <summary>With this variable set, the pictures of docs/studio.md are made anew.</summary>
    private const string Variable = "SORA_SCREENSHOTS";

    private const string Video = """{"prompt":"a big red circle moving left over the sea","leap":"auto","merge_steps":15}""";
    private const string Other = """{"prompt":"a big red circle moving left over the sea","seed":7}""";

    [BrowserFact]
    public Task Nothing_is_hard_to_read_or_reach_in_light() => CheckAsync(ColorScheme.Light, 1280, 1000, running: "desktop", compare: "compare");

    [BrowserFact]
    public Task Nothing_is_hard_to_read_or_reach_in_dark() => CheckAsync(ColorScheme.Dark, 1280, 1000, details: "details-dark");

    [BrowserFact]
    public Task Nothing_is_hard_to_read_or_reach_on_a_phone() => CheckAsync(ColorScheme.Light, 360, 740, running: "phone");

    private async Task CheckAsync(ColorScheme scheme, int width, int height, string? running = null, string? details = null, string? compare = null)
    {
        await using var studio = await Studio.StartAsync();
        await using var page = await chromium.OpenAsync(studio, width, height, scheme);
        await page.AssertAccessibleAsync("empty");
        foreach (var request in (string[])[Video, Other]) await studio.WaitForAsync(await studio.CreateAsync(request), "completed");
        await Expect(page.Cards).ToHaveCountAsync(2);
        await page.Button("a big red circle moving left over the sea").ClickAsync();
        var slow = await studio.CreateAsync("""{"prompt":"a small yellow star rising over the meadow","num_inference_steps":1000,"leap":"off"}""");
        await studio.CreateAsync("""{"prompt":"a green ring bouncing at night"}""");
        await Expect(page.Now.GetByRole(AriaRole.Img, new() { Name = "What the video looks like so far" })).ToBeVisibleAsync();
        if (width < height) await page.Now.EvaluateAsync("section => section.scrollIntoView({ block: 'start' })");
        await LookAsync(page, "while one runs", running);
        await studio.PostAsync($"/v1/videos/{slow}/cancel");
        await Expect(page.Cards).ToHaveCountAsync(3);

        await page.Cards.Last.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await Expect(page.Dialog("Video details")).ToContainTextAsync("Similarity");
        await LookAsync(page, "details", details);
        await page.Page.Keyboard.PressAsync("Escape");

        foreach (var card in (ILocator[])[page.Cards.Nth(1), page.Cards.Nth(2)]) await card.GetByRole(AriaRole.Checkbox, new() { Name = "Compare" }).CheckAsync();
        await page.Button("Compare 2 videos").ClickAsync();
        await Expect(page.Dialog("Compare videos")).ToContainTextAsync("SSIM");
        await LookAsync(page, "comparison", compare);
        page.AssertQuiet();
    }

    private static async Task LookAsync(StudioPage page, string state, string? picture)
    {
        await page.AssertAccessibleAsync(state);
        Assert.False(await page.ScrollsSidewaysAsync(), state);
        if (picture is not null && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 })
            await page.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(EmbeddedModel.Checkout, "docs", "images", $"studio-{picture}.png") });
    }
}
