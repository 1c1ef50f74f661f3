using System.Text;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Bench.Quality;

/// <summary>The results as one page that needs nothing else: the table, the curve of the paper's Figure 5, and contact sheets.</summary>
internal static class QualityPage
{
    /// <summary>Writes the page; it appears when it is complete.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="json">The results with their pictures: <see cref="QualityJson"/>.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Save(string path, string json)
    {
        var page = $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>On-device Sora: quality</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>{Read("quality.css")}</style>
            </head>
            <body>
            <script type="application/json" id="data">{json}</script>
            <script>{Read("quality.js")}</script>
            </body>
            </html>

            """;
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page)));
    }

    private static string Read(string name)
    {
        using var stream = typeof(QualityPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
