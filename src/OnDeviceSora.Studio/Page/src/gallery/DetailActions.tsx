import type { Video } from '../api/types';
import { Icon } from '../design/Icon';
import { cancel, deleting, remixing, resume } from '../videos/actions';
import { deselect } from '../videos/selected';
import { Download } from './Download';
import { reuseSettings } from './reuse';

export function DetailActions({ video }: { video: Video }) {
  const reuse = () => {
    deselect();
    reuseSettings(video);
  };
  const unfinished = video.status === 'queued' || video.status === 'in_progress';
  return (
    <div class="actions">
      {unfinished && <button type="button" class="button" onClick={() => cancel(video)}>Cancel</button>}
      {video.status === 'failed' && <button type="button" class="button" onClick={() => resume(video)}>Resume</button>}
      <button type="button" class="button" onClick={reuse}><Icon name="reuse" /> Reuse settings</button>
      <button type="button" class="button" onClick={() => (remixing.value = video)}><Icon name="remix" /> Remix</button>
      {video.status === 'completed' && <Download video={video} />}
      <button type="button" class="button" onClick={() => (deleting.value = video)}><Icon name="trash" /> Delete</button>
    </div>
  );
}
