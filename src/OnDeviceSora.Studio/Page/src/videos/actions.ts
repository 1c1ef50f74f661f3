import { signal } from '@preact/signals';
import { cancelVideo, deleteVideo, moveVideo, resumeVideo } from '../api/client';
import type { Video } from '../api/types';
import { announce, complain } from '../design/announcer';
import { called } from './format';
import { put, refresh, remove } from './store';

export const deleting = signal<Video | null>(null);
export const remixing = signal<Video | null>(null);

/** Runs what may fail and tells the user when it does. */
export async function attempt(action: () => Promise<unknown>) {
  try {
    await action();
  } catch (reason) {
    complain((reason as Error).message);
  }
}

export const cancel = (video: Video) =>
  attempt(async () => {
    put(await cancelVideo(video.id));
    announce(`${called(video)} is cancelled.`);
  });

export const resume = (video: Video) =>
  attempt(async () => {
    put(await resumeVideo(video.id));
    announce(`${called(video)} is in the queue again.`);
  });

export const move = (video: Video, position: number) =>
  attempt(async () => {
    await moveVideo(video.id, position);
    await refresh();
    announce(`${called(video)} is now number ${position + 1} of those that wait.`);
  });

/** The dialog closes first, so that focus is back in the list when the video leaves it. */
export const confirmDelete = (video: Video, close: () => void) =>
  attempt(async () => {
    close();
    await deleteVideo(video.id);
    remove(video.id);
    announce(`${called(video)} is deleted.`);
  });
