import { useMemo } from 'preact/hooks';
import type { Step } from '../api/types';
import { ChartFigure } from '../charts/ChartFigure';
import type { Line } from '../charts/Chart';
import { precisely, similarityOf } from './similarity';

const lines: Line[] = [{ name: 'Similarity', colour: '--chart-1' }];

// Similarities crowd below 1; a range that always holds 1 keeps what "the same direction" means in sight.
const range = (min: number): [number, number] => [min - Math.max((1 - min) * 0.1, 1e-4), 1 + Math.max((1 - min) * 0.05, 1e-4)];

export function SimilarityChart({ steps }: { steps: Step[] }) {
  const similarity = useMemo(() => similarityOf(steps), [steps]);
  if (!similarity) return null;
  return (
    <ChartFigure
      title="Similarity of steps" summary={similarity.summary} xTitle="Step" lines={lines} data={similarity.data} yRange={range} xMax={similarity.total}
      marker={similarity.leap === null ? null : { at: similarity.leap, label: 'Leap' }}
      format={precisely}
    />
  );
}
