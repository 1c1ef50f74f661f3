import type { Video } from '../api/types';
import { Dialog } from '../design/Dialog';
import { confirmDelete, deleting } from '../videos/actions';
import { deselect } from '../videos/selected';

export function DeleteDialog({ video }: { video: Video }) {
  const close = () => (deleting.value = null);
  const closeAll = () => {
    close();
    deselect();
  };
  return (
    <Dialog title="Delete video?" onClose={close} narrow>
      <p class="prompt">{video.prompt}</p>
      <p>The video and its settings are deleted from the disk. This cannot be undone.</p>
      <div class="actions">
        <button type="button" class="button danger" onClick={() => confirmDelete(video, closeAll)}>Delete</button>
        <button type="button" class="button" onClick={close}>Keep it</button>
      </div>
    </Dialog>
  );
}
