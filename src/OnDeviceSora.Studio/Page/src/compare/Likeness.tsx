import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { compareVideos } from '../api/client';
import type { Comparison, Video } from '../api/types';
import { ChartFigure } from '../charts/ChartFigure';
import type { Line } from '../charts/Chart';

interface Props {
  left: Video;
  right: Video;
  frame: Signal<number>;
}

export function Likeness({ left, right, frame }: Props) {
  const comparison = useSignal<Comparison | null>(null);
  const error = useSignal<string | null>(null);
  const sameSize = left.size === right.size;

  useEffect(() => {
    if (!sameSize) return;
    compareVideos(left.id, right.id).then(
      (found) => (comparison.value = found),
      (reason: Error) => (error.value = reason.message),
    );
  }, [left.id, right.id]);

  if (!sameSize) return <p class="note">Their sizes differ, so their likeness cannot be measured.</p>;
  if (error.value) return <p class="error">{error.value}</p>;
  if (!comparison.value) return <p class="muted">Measuring how alike they are…</p>;
  return <Measured comparison={comparison.value} frame={frame} />;
}

/** What the server gives for pictures without a difference, whose PSNR has no number. */
const same = 100;

const lines: Line[] = [{ name: 'SSIM', colour: '--chart-1' }];
const range = (min: number): [number, number] => [Math.min(min, 0.9) - 0.02, 1.01];

function Measured({ comparison, frame }: { comparison: Comparison; frame: Signal<number> }) {
  const { ssim, psnr_db, frame_ssim } = comparison;
  const data = useMemo<[number[], number[]]>(() => [frame_ssim.map((_, index) => index + 1), frame_ssim], [frame_ssim]);
  return (
    <ChartFigure
      title="Likeness by frame" summary={`SSIM ${ssim.toFixed(3)} (1 is the same), PSNR ${psnr_db.toFixed(1)} dB (${same} is the same).`}
      xTitle="Frame" lines={lines} data={data} yRange={range} format={(value) => value.toFixed(3)}
      marker={{ at: frame.value + 1, label: '' }}
    />
  );
}
