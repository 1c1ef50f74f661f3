using Microsoft.Playwright;

namespace OnDeviceSora.Studio.Tests.Browser;

/// <summary>The system's own Chromium, driven by Playwright; one for all tests.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Where it is; <c>null</c> where there is none.</summary>
    public static string? Program { get; } = Names.Select(Programs.Find).FirstOrDefault(program => program is not null);

    public async Task InitializeAsync()
    {
        if (Program is null) return;
        _playwright = await Playwright.CreateAsync();
        // Without the sandbox it also runs as root, as CI does; it sees nothing but the page under test.
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens the studio's page in a window of its own.</summary>
    public async Task<StudioPage> OpenAsync(Studio studio, int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = width, Height = height }, ColorScheme = scheme, AcceptDownloads = true });
        var page = new StudioPage(await context.NewPageAsync(), studio);
        await page.OpenAsync();
        return page;
    }
}

[CollectionDefinition(nameof(Chromium))]
public sealed class ChromiumCollection : ICollectionFixture<Chromium>;

/// <summary>A test in a real browser.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Chromium.Program is null ? "needs Chromium (apt-get install chromium)" : null;
}
