// The page of `bench quality`: the table, Figure 5's curve, and the same sentence by every method. The data stands in the page.
import 'uplot/dist/uPlot.min.css';
import '../design/tokens.css';
import './quality.css';
import { drawCurves } from './curves';
import { element } from './element';
import type { Quality } from './results';
import { sheets } from './sheets';
import { table } from './table';

const quality = JSON.parse(document.getElementById('data')!.textContent!) as Quality;
const curves = element('div', { className: 'curves' });

document.body.append(
  element('h1', {}, 'What each technique saves, and what it costs'),
  element('p', {}, `${quality.model}, ${quality.prompts.length} sentences. Every method made the same sentences from the same noise.`),
  table(quality.methods),
  element('h2', {}, 'Similarity of consecutive drifts'),
  element('p', {}, 'Mean of all sentences with every step, and the lowest and highest. The dashed line is where the dynamic leap came, on average.'),
  curves,
  element('h2', {}, 'The same sentence by every method'),
  ...sheets(quality),
);
drawCurves(curves, quality);
