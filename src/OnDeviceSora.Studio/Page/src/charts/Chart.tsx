import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { colours } from '../design/theme';

export interface Line {
  name: string;
  colour: '--chart-1' | '--chart-2' | '--chart-muted';
  dashed?: boolean;
}

export interface Marker {
  at: number;
  label: string;
}

export interface ChartProps {
  data: uPlot.AlignedData;
  lines: Line[];
  yRange: (min: number, max: number) => [number, number];
  xTitle: string;
  /** Where the axis ends, when that is known before the data gets there. */
  xMax?: number;
  marker?: Marker | null;
}

const height = 180;

/** Lines over a number. Its meaning for those who cannot see it is the business of ChartFigure. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const scheme = colours();

  useEffect(() => {
    const element = place.current!;
    const plot = new uPlot(options(element, latest), props.data, element);
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    chart.current = plot;
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [scheme]);
  useEffect(() => chart.current?.setData(props.data), [props.data]);
  useEffect(() => chart.current?.redraw(false), [props.marker?.at]);

  return <div class="chart" ref={place} aria-hidden="true" />;
}

/** What may change while the chart stands is read from the latest properties. */
function options(element: HTMLElement, latest: { current: ChartProps }): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name);
  const axis = {
    stroke: colour('--chart-text'),
    grid: { stroke: colour('--chart-grid'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  const { xMax, xTitle, lines } = latest.current;
  return {
    width: element.clientWidth,
    height,
    padding: [12, 20, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false },
    scales: { x: { time: false, ...(xMax && { range: (_, min) => [min, xMax] }) }, y: { range: (_, min, max) => latest.current.yRange(min, max) } },
    axes: [{ ...axis, label: xTitle, labelSize: 18, labelFont: axis.font, size: 28, incrs: wholeNumbers }, { ...axis, size: 60, values: asFineAsTheGrid }],
    series: [{}, ...lines.map((line) => ({
      stroke: colour(line.colour),
      width: 2,
      ...(line.dashed ? { dash: [6, 5], points: { show: false } } : {}),
    }))],
    hooks: { draw: [(plot) => drawMarker(plot, latest.current.marker, colour('--chart-2'), axis.font)] },
  };
}

/** Curves close to 1 need more digits than uPlot writes by itself. */
const asFineAsTheGrid: uPlot.Axis.DynamicValues = (_plot, ticks, _axis, _space, between) => {
  const digits = Math.max(0, -Math.floor(Math.log10(between) + 1e-9));
  return ticks.map((tick) => tick.toFixed(digits));
};

const wholeNumbers = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000];

function drawMarker(plot: uPlot, marker: Marker | null | undefined, colour: string, font: string) {
  if (!marker) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(marker.at, 'x', true));
  const right = x > bbox.left + bbox.width * 0.7;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = font.replace(/^\d+/, (size) => String(Number(size) * devicePixelRatio));
  ctx.textAlign = right ? 'right' : 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillText(marker.label, x + (right ? -6 : 6) * devicePixelRatio, bbox.top + bbox.height - 4 * devicePixelRatio);
  ctx.restore();
}
