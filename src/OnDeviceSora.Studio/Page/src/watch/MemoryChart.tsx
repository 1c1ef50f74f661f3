import { useMemo } from 'preact/hooks';
import type { MemorySample } from '../api/types';
import { ChartFigure } from '../charts/ChartFigure';
import type { Line } from '../charts/Chart';
import { memory } from '../videos/format';

const lines: Line[] = [
  { name: 'In use (MB)', colour: '--chart-1' },
  { name: 'Budget (MB)', colour: '--chart-muted', dashed: true },
];
const range = (_: number, max: number): [number, number] => [0, max * 1.08];

export function MemoryChart({ samples }: { samples: MemorySample[] }) {
  const data = useMemo<[number[], number[], number[]]>(
    () => [samples.map((s) => s.at_s), samples.map((s) => s.resident_mb), samples.map((s) => s.budget_mb)], [samples]);
  if (samples.length === 0) return null;
  const peak = Math.max(...data[1]);
  return (
    <ChartFigure
      title="Memory" summary={`At most ${memory(peak)} of the ${memory(Math.max(...data[2]))} that it may use.`}
      xTitle="Seconds" lines={lines} data={data} yRange={range} format={(value) => value.toFixed(1)}
    />
  );
}
