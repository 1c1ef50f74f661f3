using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OnDeviceSora.Studio.Tests.Browser;

/// <summary>What a new user does, from the first prompt to the comparison of two videos, in a real browser on a real server.</summary>
[Collection(nameof(Chromium))]
public sealed class JourneyTests(Chromium chromium)
{
    [BrowserFact]
    public async Task A_new_user_makes_watches_compares_and_deletes_videos_by_mouse()
    {
        await using var studio = await Studio.StartAsync();
        await using var page = await chromium.OpenAsync(studio);

        await Expect(page.Region("Gallery")).ToContainTextAsync("No videos yet");
        await page.Button("a big red circle moving left over the sea").ClickAsync();
        await Expect(page.Prompt).ToHaveValueAsync("a big red circle moving left over the sea");
        await page.Page.GetByRole(AriaRole.Radio, new() { Name = "As the paper" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Group, new() { Name = "Plan" })).ToContainTextAsync(new Regex("^About .* memory", RegexOptions.Singleline));
        await page.Button("Generate").ClickAsync();

        await Expect(page.Now).ToContainTextAsync("a big red circle");
        await Expect(page.Cards).ToHaveCountAsync(1);
        await Expect(page.Now).ToContainTextAsync("Finished");
        await Expect(page.Now).ToContainTextAsync(new Regex("leap", RegexOptions.IgnoreCase));

        await page.Cards.First.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        var details = page.Dialog("Video details");
        await Expect(details).ToBeVisibleAsync();
        await PlaysAsync(details.Locator("video"));
        await Expect(details).ToContainTextAsync("Similarity");
        await details.GetByText("Loading and computing over time").ClickAsync();
        await Expect(details.FrameLocator("iframe").GetByRole(AriaRole.Table)).ToBeVisibleAsync();
        Assert.Equal(new Uri(studio.Address).Authority, new Uri(page.Page.Url).Authority);
        Assert.Matches("#video_", page.Page.Url);

        await details.GetByRole(AriaRole.Button, new() { Name = "Reuse settings" }).ClickAsync();
        await page.Page.GetByLabel("Seed", new() { Exact = true }).FillAsync("7");
        await page.Button("Generate").ClickAsync();
        await Expect(page.Cards).ToHaveCountAsync(2);

        foreach (var card in await page.Cards.AllAsync()) await card.GetByRole(AriaRole.Checkbox, new() { Name = "Compare" }).CheckAsync();
        await page.Button("Compare 2 videos").ClickAsync();
        var compare = page.Dialog("Compare videos");
        await Expect(compare).ToContainTextAsync(new Regex(@"SSIM 0\.\d+"));
        await Expect(compare.GetByRole(AriaRole.Row, new() { Name = "Seed 7 42" })).ToBeVisibleAsync();
        await compare.GetByRole(AriaRole.Button, new() { Name = "Next frame" }).ClickAsync();
        await compare.GetByRole(AriaRole.Slider, new() { Name = "Frame" }).FillAsync("20");
        await Expect(compare).ToContainTextAsync("21 / 34");
        await InStepAsync(compare);
        await compare.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        var download = await page.Page.RunAndWaitForDownloadAsync(() => page.Cards.First.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        Assert.EndsWith(".mp4", download.SuggestedFilename, StringComparison.Ordinal);
        Assert.True(new FileInfo((await download.PathAsync())!).Length > 1000);

        await page.Cards.First.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.Dialog("Delete video?").GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Expect(page.Cards).ToHaveCountAsync(1);
        page.AssertQuiet();
    }

    [BrowserFact]
    public async Task The_same_journey_needs_no_mouse()
    {
        await using var studio = await Studio.StartAsync();
        await using var page = await chromium.OpenAsync(studio);
        var keys = page.Page.Keyboard;

        await page.TabToAsync(page.Prompt);
        await keys.TypeAsync("a blue square growing over the desert");
        await page.TabToAsync(page.Page.GetByRole(AriaRole.Radio, new() { Name = "Balanced" }));
        await keys.PressAsync("ArrowUp");
        await Expect(page.Page.GetByRole(AriaRole.Radio, new() { Name = "Fast" })).ToBeCheckedAsync();
        await page.TabToAsync(page.Button("Generate"));
        await keys.PressAsync("Enter");
        await Expect(page.Cards).ToHaveCountAsync(1);

        await page.TabToAsync(page.Button("New seed"));
        await keys.PressAsync("Enter");
        await page.TabToAsync(page.Button("Generate"));
        await keys.PressAsync("Enter");
        await Expect(page.Cards).ToHaveCountAsync(2);

        await page.TabToAsync(page.Cards.First.GetByRole(AriaRole.Button, new() { Name = "Open" }));
        await keys.PressAsync("Enter");
        await Expect(page.Dialog("Video details")).ToBeVisibleAsync();
        await keys.PressAsync("Escape");
        await Expect(page.Dialog("Video details")).ToBeHiddenAsync();

        foreach (var card in await page.Cards.AllAsync())
        {
            await page.TabToAsync(card.GetByRole(AriaRole.Checkbox, new() { Name = "Compare" }));
            await keys.PressAsync("Space");
        }

        await page.TabToAsync(page.Button("Compare 2 videos"));
        await keys.PressAsync("Enter");
        var compare = page.Dialog("Compare videos");
        await Expect(compare).ToContainTextAsync("SSIM");
        await page.TabToAsync(compare.GetByRole(AriaRole.Slider, new() { Name = "Frame" }));
        await keys.PressAsync("Home");
        await keys.PressAsync("ArrowRight");
        await keys.PressAsync("ArrowRight");
        await Expect(compare).ToContainTextAsync("3 / 34");
        await keys.PressAsync("Escape");

        await page.TabToAsync(page.Cards.First.GetByRole(AriaRole.Button, new() { Name = "Delete" }));
        await keys.PressAsync("Enter");
        await page.TabToAsync(page.Dialog("Delete video?").GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }));
        await keys.PressAsync("Enter");
        await Expect(page.Cards).ToHaveCountAsync(1);
        page.AssertQuiet();
    }

    [BrowserFact]
    public async Task A_video_is_seen_forming_and_the_queue_is_changed_while_it_runs()
    {
        await using var studio = await Studio.StartAsync();
        await using var page = await chromium.OpenAsync(studio);
        var long_ = await studio.CreateAsync("""{"prompt":"the long one","num_inference_steps":1000,"leap":"off"}""");
        foreach (var name in (string[])["first", "second", "third"]) await studio.CreateAsync($$"""{"prompt":"{{name}}","width":16,"height":16,"num_frames":2,"num_inference_steps":2}""");

        await Expect(page.Now.GetByRole(AriaRole.Img, new() { Name = "What the video looks like so far" })).ToBeVisibleAsync();
        await Expect(page.Now).ToContainTextAsync(new Regex("Step [0-9]+ of 1000"));
        var rows = page.Queue.GetByRole(AriaRole.Listitem);
        await Expect(rows).ToHaveCountAsync(3);
        await rows.Nth(2).GetByRole(AriaRole.Button, new() { Name = "Move up" }).ClickAsync();
        await Expect(rows.Nth(1)).ToContainTextAsync("third");
        await rows.Nth(0).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.Queue).ToContainTextAsync("Cancelled");
        await page.Now.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.Cards).ToHaveCountAsync(2);
        await page.Queue.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "first" }).GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(page.Cards).ToHaveCountAsync(3);
        Assert.Equal("failed", (await studio.GetAsync("/v1/videos/" + long_)).Json.GetProperty("status").GetString());
        page.AssertQuiet();
    }

    [BrowserFact]
    public async Task What_cannot_be_made_is_said_at_its_field()
    {
        await using var studio = await Studio.StartAsync();
        await using var page = await chromium.OpenAsync(studio);
        await page.Button("Generate").ClickAsync();
        await Expect(page.Prompt).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Prompt).ToBeFocusedAsync();
        await page.Prompt.FillAsync("a red circle");
        await page.Page.GetByText("Advanced settings").ClickAsync();
        await page.Page.GetByLabel("Memory", new() { Exact = true }).FillAsync("1MB");
        await Expect(page.Page.GetByLabel("Memory", new() { Exact = true })).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.Empty((await studio.GetAsync("/v1/videos")).Json.GetProperty("data").EnumerateArray());
    }

    [BrowserFact]
    public async Task With_a_key_the_page_asks_for_it_once()
    {
        await using var studio = await Studio.StartAsync(options => options with { ApiKey = "open sesame" });
        await using var page = await chromium.OpenAsync(studio);
        var signIn = page.Dialog("Sign in");
        await signIn.GetByLabel("API key").FillAsync("wrong");
        await signIn.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(signIn).ToContainTextAsync("not the key");
        await signIn.GetByLabel("API key").FillAsync("open sesame");
        await signIn.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(signIn).ToBeHiddenAsync();
        await page.Prompt.FillAsync("a red circle");
        await page.Button("Generate").ClickAsync();
        await Expect(page.Cards).ToHaveCountAsync(1);
        await page.Page.ReloadAsync();
        await Expect(page.Cards).ToHaveCountAsync(1);
        await PlaysAsync(page.Cards.First.Locator("video"));
    }

    /// <summary>The browser can decode it, and it moves.</summary>
    private static async Task PlaysAsync(ILocator video)
    {
        await video.EvaluateAsync("async video => { video.muted = true; await video.play(); }");
        await video.EvaluateAsync("video => new Promise(moves => { const look = () => video.currentTime > 0.2 ? moves() : requestAnimationFrame(look); look(); })");
        Assert.Equal(64, await video.EvaluateAsync<int>("video => video.videoWidth"));
    }

    private static async Task InStepAsync(ILocator dialog)
    {
        var videos = dialog.Locator("video");
        await Expect(videos).ToHaveCountAsync(2);
        var times = await videos.EvaluateAllAsync<double[]>("videos => videos.map(video => video.currentTime)");
        Assert.Equal(times[0], times[1], 0.05);
    }
}
