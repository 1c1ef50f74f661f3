import { useSignal } from '@preact/signals';
import { contentUrl } from '../api/client';
import type { Video } from '../api/types';
import { Dialog } from '../design/Dialog';
import { Likeness } from './Likeness';
import { comparing } from './selection';
import { SettingsDiff } from './SettingsDiff';
import { SyncedPlayers } from './SyncedPlayers';

export function CompareDialog({ left, right }: { left: Video; right: Video }) {
  const frame = useSignal(0);
  const films = left.content_type === 'video/mp4' && right.content_type === 'video/mp4';
  return (
    <Dialog title="Compare videos" onClose={() => (comparing.value = false)}>
      <div class="stack">
        {films ? <SyncedPlayers left={left} right={right} frame={frame} /> : <Pictures left={left} right={right} />}
        {films && <Likeness left={left} right={right} frame={frame} />}
        <SettingsDiff left={left} right={right} />
      </div>
    </Dialog>
  );
}

function Pictures({ left, right }: { left: Video; right: Video }) {
  return (
    <>
      <div class="side-by-side">
        {[left, right].map((video) => <img key={video.id} class="picture" src={contentUrl(video.id)} alt={video.prompt} />)}
      </div>
      <p class="note">
        These cannot be held in step: without ffmpeg, the server saves animated pictures, which a browser can neither stop nor seek.
        Nor can their likeness be measured.
      </p>
    </>
  );
}
