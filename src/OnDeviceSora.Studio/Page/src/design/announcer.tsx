import { signal } from '@preact/signals';

const announcement = signal('');
const complaint = signal('');

/** For screen readers only: what sighted users see happen. */
export const announce = (text: string) => (announcement.value = text);

/** For everybody: what went wrong, until it is dismissed. */
export const complain = (text: string) => (complaint.value = text);

export function Announcer() {
  return (
    <>
      <div class="visually-hidden" role="status" aria-live="polite">{announcement}</div>
      <div class="complaint-place"><Complaint /></div>
    </>
  );
}

/** Every dialog has one, too: what lies behind a dialog is neither seen nor read. */
export function Complaint() {
  return (
    <div role="alert">
      {complaint.value && (
        <div class="complaint">
          <p>{complaint}</p>
          <button class="button" type="button" onClick={() => complain('')}>Dismiss</button>
        </div>
      )}
    </div>
  );
}
