import { element } from './element';
import type { MethodResult } from './results';

const percent = (share: number) => `${Math.round(share * 100)} %`;

const columns: [string, (method: MethodResult) => string][] = [
  ['Technique', (m) => m.group],
  ['Method', (m) => m.name],
  ['Steps', (m) => m.steps.toFixed(1)],
  ['SSIM', (m) => m.ssim.toFixed(4)],
  ['PSNR', (m) => `${m.psnr.toFixed(1)} dB`],
  ['Motion', (m) => m.motion.toFixed(2)],
  ['All four', (m) => percent(m.score.allFour)],
  ['Background', (m) => percent(m.score.background)],
  ['Colour', (m) => percent(m.score.colour)],
  ['Shape', (m) => percent(m.score.figure)],
  ['Motion read', (m) => percent(m.score.motion)],
  ['Denoising', (m) => `${m.denoisingSeconds.toFixed(2)} s`],
  ['Speed-up', (m) => `${m.speedUp.toFixed(2)}x`],
  ['In all', (m) => `${m.speedUpInAll.toFixed(2)}x`],
  ['Leapt at', (m) => (m.leapStep === null ? '' : m.leapStep.toFixed(1))],
];

/** The results in numbers. */
export function table(methods: MethodResult[]): HTMLElement {
  const head = element('tr', {}, ...columns.map(([name]) => element('th', { scope: 'col' }, name)));
  const rows = methods.map((method) => element('tr', {}, ...columns.map(([, text]) => element('td', {}, text(method)))));
  const scroll = element('div', { className: 'scroll', tabIndex: 0 }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)));
  scroll.setAttribute('role', 'group');
  scroll.setAttribute('aria-label', 'Results in numbers');
  return scroll;
}
