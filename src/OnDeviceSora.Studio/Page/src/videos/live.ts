import { signal } from '@preact/signals';
import { openStream } from '../api/events';
import type { Video } from '../api/types';
import { announce } from '../design/announcer';
import { checkSession } from '../session/session';
import { attempt } from './actions';
import { called } from './format';
import { put, refresh, remove, videoOf } from './store';

export const connectionLost = signal(false);

/** Keeps the store as the server has it. Events begin with nothing, so each connection reads the list first. */
export const followVideos = () =>
  openStream('/v1/events', {
    opened: () => {
      connectionLost.value = false;
      void attempt(refresh);
    },
    lost: () => {
      connectionLost.value = true;
      checkSession().catch(() => {});
    },
    events: {
      video: (video: Video) => {
        tell(videoOf(video.id), video);
        put(video);
      },
      deleted: ({ id }: { id: string }) => remove(id),
    },
  });

/** Says a change of status, and each quarter of the way; every step would be noise. */
function tell(before: Video | null, now: Video) {
  const quarter = (video: Video) => Math.floor(video.progress / 25);
  if (before?.status !== now.status) {
    if (now.status === 'in_progress') announce(`${called(now)} is being made.`);
    if (now.status === 'completed') announce(`${called(now)} is finished.`);
    if (now.status === 'failed') announce(`${called(now)} stopped: ${now.error?.message ?? 'no reason was given'}`);
  } else if (now.status === 'in_progress' && quarter(now) > quarter(before)) {
    announce(`${quarter(now) * 25} percent of ${called(now)}.`);
  }
}
