import { signal } from '@preact/signals';
import { openStream } from '../api/events';
import { gather } from '../api/gather';
import type { Video } from '../api/types';
import { announce } from '../design/announcer';
import { checkSession } from '../session/session';
import { attempt } from './actions';
import { called } from './format';
import { change, refresh, videoOf, type Change } from './store';

export const connectionLost = signal(false);

/** Keeps the store as the server has it. Events begin with nothing, so each connection reads the list first. */
export function followVideos() {
  const take = gather<Change>((changes) => {
    changes.forEach(tell);
    change(changes);
  });
  return openStream('/v1/events', {
    opened: () => {
      connectionLost.value = false;
      void attempt(refresh);
    },
    lost: () => {
      connectionLost.value = true;
      checkSession().catch(() => {});
    },
    events: {
      video: (video: Video) => take({ id: video.id, video }),
      deleted: ({ id }: { id: string }) => take({ id, video: null }),
    },
  });
}

/** Says a change of status, and each quarter of the way; every step would be noise. */
function tell({ id, video: now }: Change) {
  const before = videoOf(id);
  const quarter = (video: Video) => Math.floor(video.progress / 25);
  if (!now) return;
  if (before?.status !== now.status) {
    if (now.status === 'in_progress') announce(`${called(now)} is being made.`);
    if (now.status === 'completed') announce(`${called(now)} is finished.`);
    if (now.status === 'failed') announce(`${called(now)} stopped: ${now.error?.message ?? 'no reason was given'}`);
  } else if (now.status === 'in_progress' && quarter(now) > quarter(before)) {
    announce(`${quarter(now) * 25} percent of ${called(now)}.`);
  }
}
