import uPlot from 'uplot';
import type { Quality } from './results';

const height = 320;

/** Figure 5 of the paper: how alike the drifts of neighbouring steps are. */
export function drawCurves(place: HTMLElement, { curves, methods }: Quality) {
  const steps = curves[0]?.map((_, index) => index) ?? [];
  const over = (pick: (values: number[]) => number) => steps.map((step) => pick(curves.map((curve) => curve[step]!)));
  const mean = over((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const leap = methods.find((method) => method.group === 'LPL' && method.name === 'dynamic')?.leapStep ?? null;
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name);
  const axis = { stroke: colour('--chart-text'), grid: { stroke: colour('--chart-grid'), width: 1 }, font: `12px ${style.fontFamily}` };
  const thin = { stroke: colour('--chart-muted'), width: 1, points: { show: false } };
  new uPlot({
    width: place.clientWidth,
    height,
    scales: { x: { time: false } },
    axes: [{ ...axis, label: 'Step, from 0' }, { ...axis, size: 70, label: 'Cosine similarity' }],
    series: [{ label: 'Step' }, { label: 'Mean', stroke: colour('--chart-1'), width: 2 }, { label: 'Lowest', ...thin }, { label: 'Highest', ...thin }],
    hooks: { draw: [(plot) => leap !== null && drawLeap(plot, leap, colour('--chart-2'))] },
  }, [steps.map((step) => step + 1), mean, over((values) => Math.min(...values)), over((values) => Math.max(...values))], place);
}

function drawLeap({ ctx, bbox, valToPos }: uPlot, leap: number, colour: string) {
  const x = valToPos(leap, 'x', true);
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
