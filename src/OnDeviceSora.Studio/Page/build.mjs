// Bundles the studio's page into ../wwwroot, and that of `bench quality` beside its code. The output is committed, so it must be the same bytes
// wherever it is built.
import { build } from 'esbuild';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';

const output = '../wwwroot';
const report = '../../../bench/OnDeviceSora.Bench/Quality/Page';
const bundled = ['preact', '@preact/signals', '@preact/signals-core', 'uplot'];

for (const folder of [output, report]) await mkdir(folder, { recursive: true });
const common = {
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
};
await build({
  ...common,
  entryPoints: { app: 'src/main.tsx' },
  outdir: output,
  banner: { js: '/* On-device Sora studio, Apache-2.0. Built from Page/; licences of bundled libraries: LICENSES.txt */' },
});
await build({
  ...common,
  entryPoints: { quality: 'src/quality/main.ts' },
  outdir: report,
  banner: { js: '/* On-device Sora, Apache-2.0; with uPlot by Leon Sorokin, MIT licence. Built from src/OnDeviceSora.Studio/Page. */' },
});
for (const file of ['index.html', 'icon.svg']) await cp(`static/${file}`, `${output}/${file}`);
await writeFile(`${output}/LICENSES.txt`, (await Promise.all(bundled.map(licence))).join('\n'));

async function licence(name) {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8'));
  const text = await readFile(`node_modules/${name}/LICENSE`, 'utf8');
  return `${name} ${version}\n\n${text.trim()}\n`;
}
