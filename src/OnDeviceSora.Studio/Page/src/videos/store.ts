import { computed, signal } from '@preact/signals';
import { getVideo, listVideos } from '../api/client';
import type { Video } from '../api/types';

const videos = signal<ReadonlyMap<string, Video>>(new Map());

/** The id after which the list goes on, or null when all is loaded. */
const nextPageAfter = signal<string | null>(null);
export const hasMore = computed(() => nextPageAfter.value !== null);
export const loaded = signal(false);

const all = computed(() => [...videos.value.values()]);
export const running = computed(() => all.value.find((v) => v.status === 'in_progress') ?? null);
export const waiting = computed(() =>
  all.value.filter((v) => v.status === 'queued').sort((a, b) => (a.queue_position ?? 0) - (b.queue_position ?? 0)));
export const stopped = computed(() => newestFirst(all.value.filter((v) => v.status === 'failed')));
export const finished = computed(() => newestFirst(all.value.filter((v) => v.status === 'completed')));

// Ids sort by the time of creation, finer than created_at does.
const newestFirst = (some: Video[]) => some.sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1));

export const videoOf = (id: string) => videos.value.get(id) ?? null;

/** A video as it is now, or null when it is gone. */
export interface Change {
  id: string;
  video: Video | null;
}

export function change(changes: Change[]) {
  const next = new Map(videos.peek());
  for (const { id, video } of changes) {
    if (video) next.set(id, video);
    else next.delete(id);
  }
  videos.value = next;
}

export const put = (...some: Video[]) => change(some.map((video) => ({ id: video.id, video })));
export const remove = (id: string) => change([{ id, video: null }]);

/** Reads the newest videos, and on as long as there are unfinished ones; forgets which of those are no longer there. */
export async function refresh() {
  const found: Video[] = [];
  let page;
  do {
    page = await listVideos(found.at(-1)?.id ?? null);
    found.push(...page.data);
  } while (page.has_more && page.data.some((v) => v.status === 'queued' || v.status === 'in_progress'));
  const last = found.at(-1);
  const older = page.has_more && last ? all.value.filter((v) => v.created_at < last.created_at) : [];
  videos.value = new Map([...found, ...older].map((v) => [v.id, v]));
  nextPageAfter.value = page.has_more ? (nextPageAfter.value ?? last?.id ?? null) : null;
  loaded.value = true;
}

export async function loadMore() {
  const page = await listVideos(nextPageAfter.value);
  put(...page.data);
  nextPageAfter.value = page.has_more ? (page.data.at(-1)?.id ?? null) : null;
}

export async function ensure(id: string) {
  if (!videos.peek().has(id)) put(await getVideo(id));
}
