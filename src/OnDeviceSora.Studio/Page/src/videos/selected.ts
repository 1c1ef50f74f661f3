import { signal } from '@preact/signals';

const fromAddress = () => (location.hash.startsWith('#video_') ? location.hash.slice(1) : null);

/** The video whose details are open; the address carries it, so that it can be kept and sent. */
export const selectedId = signal(fromAddress());
addEventListener('hashchange', () => (selectedId.value = fromAddress()));

export const select = (id: string) => (location.hash = id);

export function deselect() {
  history.replaceState(null, '', location.pathname + location.search);
  selectedId.value = null;
}
