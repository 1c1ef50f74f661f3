import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { contentUrl, getReport } from '../api/client';
import type { Report, Video } from '../api/types';
import { Dialog } from '../design/Dialog';
import { reducedMotion } from '../design/theme';
import { attempt } from '../videos/actions';
import { called, shape } from '../videos/format';
import { deselect } from '../videos/selected';
import { videoOf } from '../videos/store';
import { MemoryChart } from '../watch/MemoryChart';
import { SimilarityChart } from '../watch/SimilarityChart';
import { DetailActions } from './DetailActions';
import { Facts } from './Facts';
import { Timeline } from './Timeline';

export function VideoDetails({ video }: { video: Video }) {
  const done = video.status === 'completed';
  return (
    <Dialog title="Video details" onClose={deselect}>
      <div class="details-top">
        {done && <Player video={video} />}
        <div class="stack">
          <p class="prompt large">{video.prompt}</p>
          {video.error && <p class="error">{video.error.message}</p>}
          {video.adjusted.map((note) => <p class="note" key={note}>{note}</p>)}
          <Source id={video.remixed_from_video_id} />
          <DetailActions video={video} />
        </div>
      </div>
      <Facts video={video} />
      {done && <ReportCharts id={video.id} />}
      {done && <Timeline id={video.id} />}
    </Dialog>
  );
}

function Source({ id }: { id: string | null }) {
  const source = id && videoOf(id);
  return source ? <p class="muted">A remix of <a href={`#${source.id}`}>{called(source)}</a></p> : null;
}

function Player({ video }: { video: Video }) {
  if (video.content_type === 'image/png') return <img class="picture" src={contentUrl(video.id)} alt={video.prompt} />;
  return (
    <video
      class="picture" style={shape(video)} src={contentUrl(video.id)} poster={contentUrl(video.id, 'thumbnail')} aria-label={video.prompt}
      controls loop muted playsInline autoplay={!reducedMotion.value}
    />
  );
}

function ReportCharts({ id }: { id: string }) {
  const report = useSignal<Report | null>(null);
  useEffect(() => void attempt(async () => (report.value = await getReport(id))), [id]);
  if (!report.value) return null;
  return (
    <div class="charts">
      <SimilarityChart steps={report.value.steps} />
      <MemoryChart samples={report.value.memory} />
    </div>
  );
}
