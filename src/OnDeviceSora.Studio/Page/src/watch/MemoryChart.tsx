import { useMemo } from 'preact/hooks';
import type { MemorySample } from '../api/types';
import { ChartFigure } from '../charts/ChartFigure';
import type { Line } from '../charts/Chart';
import { memory } from '../videos/format';

const lines: Line[] = [
  { name: 'In use (MB)', colour: '--chart-1' },
  { name: 'Budget (MB)', colour: '--chart-muted', dashed: true },
];

/** A budget that is much more than what is used would press the curve flat: then it is told, not drawn. */
const farAbove = 4;

export function MemoryChart({ samples }: { samples: MemorySample[] }) {
  const data = useMemo<[number[], number[], number[]]>(
    () => [samples.map((s) => s.at_s), samples.map((s) => s.resident_mb), samples.map((s) => s.budget_mb)], [samples]);
  if (samples.length === 0) return null;
  const peak = Math.max(...data[1]);
  const budget = Math.max(...data[2]);
  const far = budget > farAbove * peak;
  return (
    <ChartFigure
      title="Memory" summary={far ? `At most ${memory(peak)}. The budget, ${memory(budget)}, lies far above this chart.` : `At most ${memory(peak)} of the ${memory(budget)} that it may use.`}
      xTitle="Seconds" lines={lines} data={data} yRange={() => [0, far ? peak * 1.3 : budget * 1.08]} format={(value) => value.toFixed(1)}
    />
  );
}
