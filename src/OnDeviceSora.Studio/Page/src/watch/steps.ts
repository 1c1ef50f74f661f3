import { computed, effect, signal } from '@preact/signals';
import { getReport } from '../api/client';
import { openStream } from '../api/events';
import { gather } from '../api/gather';
import type { Step, Video } from '../api/types';
import { mayCall } from '../session/session';
import { attempt } from '../videos/actions';
import { put, running, videoOf } from '../videos/store';

const watchedId = signal<string | null>(null);
const stepsByPlace = signal<ReadonlyMap<string, Step>>(new Map());

/** The video that runs, or else the one that ran last while the page was open. */
export const watched = computed(() => (watchedId.value ? videoOf(watchedId.value) : null));
export const steps = computed(() => [...stepsByPlace.value.values()]);

let followed: string | null = null;
let endStream = () => {};

/** Turns to whichever video runs, and follows it until it is done or deleted. */
export const followSteps = () =>
  effect(() => {
    const id = running.value?.id;
    if (id && mayCall.value) follow(id);
    else if (followed && !videoOf(followed)) stop();
  });

function follow(id: string) {
  if (id === followed) return;
  stop();
  followed = id;
  watchedId.value = id;
  stepsByPlace.value = new Map();
  const step = gather<Step>((arrived) => id === watchedId.peek() && take(arrived));
  endStream = openStream(`/v1/videos/${id}/events`, { events: { step, video: see } });
}

function stop() {
  endStream();
  followed = null;
}

function see(video: Video) {
  put(video);
  if (video.status !== 'completed' && video.status !== 'failed') return;
  stop();
  // A quick video may be done before its stream is open, and the stream of one that is done has no steps.
  void attempt(async () => {
    const report = await getReport(video.id);
    if (video.id === watchedId.peek()) take(report.steps);
  });
}

/** After a lost connection the stream begins anew: a step that is known already takes its own place again. */
function take(arrived: Step[]) {
  const next = new Map(stepsByPlace.peek());
  for (const step of arrived) next.set(`${step.stage} ${step.completed}`, step);
  stepsByPlace.value = next;
}
