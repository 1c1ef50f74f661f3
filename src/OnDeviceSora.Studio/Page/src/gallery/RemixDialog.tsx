import { useSignal } from '@preact/signals';
import { remixVideo } from '../api/client';
import type { Video } from '../api/types';
import { announce } from '../design/announcer';
import { Dialog } from '../design/Dialog';
import { Field } from '../design/Field';
import { remixing } from '../videos/actions';
import { called } from '../videos/format';
import { deselect } from '../videos/selected';
import { put } from '../videos/store';

export function RemixDialog({ video }: { video: Video }) {
  const prompt = useSignal(video.prompt);
  const error = useSignal<string | null>(null);
  const close = () => (remixing.value = null);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (!prompt.value.trim()) return (error.value = 'Write what the new video should show.');
    try {
      const made = await remixVideo(video.id, prompt.value.trim());
      close();
      deselect();
      put(made);
      announce(`${called(made)} is in the queue.`);
    } catch (reason) {
      error.value = (reason as Error).message;
    }
    return undefined;
  };

  return (
    <Dialog title="Remix video" onClose={close} narrow>
      <form class="stack" onSubmit={submit} noValidate>
        <Field name="remix-prompt" label="New prompt" error={error.value} help="The same seed and settings, with other words.">
          {(attributes) => <textarea {...attributes} rows={4} autofocus value={prompt.value} onInput={(e) => (prompt.value = e.currentTarget.value)} />}
        </Field>
        <div class="actions">
          <button class="button primary">Remix</button>
          <button type="button" class="button" onClick={close}>Keep as it is</button>
        </div>
      </form>
    </Dialog>
  );
}
