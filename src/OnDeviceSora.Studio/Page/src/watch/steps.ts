import { computed, effect, signal } from '@preact/signals';
import { getReport } from '../api/client';
import { openStream } from '../api/events';
import { gather } from '../api/gather';
import type { Step, Video } from '../api/types';
import { mayCall } from '../session/session';
import { attempt } from '../videos/actions';
import { running, videoOf } from '../videos/store';

const watchedId = signal<string | null>(null);
const stepsByPlace = signal<ReadonlyMap<string, Step>>(new Map());

/** The video that runs, or else the one that ran last while the page was open. */
export const watched = computed(() => (watchedId.value ? videoOf(watchedId.value) : null));
export const steps = computed(() => [...stepsByPlace.value.values()]);

/** The video that runs and is followed; one that is resumed is followed anew. */
let followed: string | null = null;
let endStream = () => {};

/** Turns to whichever video runs. Its stream ends with it, or here when it is deleted. */
export const followSteps = () =>
  effect(() => {
    const id = running.value?.id ?? null;
    if (id && mayCall.value) follow(id);
    else followed = null;
    if (!watched.value) endStream();
  });

function follow(id: string) {
  if (id === followed) return;
  endStream();
  followed = id;
  watchedId.value = id;
  stepsByPlace.value = new Map();
  const step = gather<Step>((arrived) => id === watchedId.peek() && take(arrived));
  endStream = openStream(`/v1/videos/${id}/events`, { events: { step, video: see } });
}

/** The store hears of the video from the stream of all: were it told here, the page would not notice what changed. */
function see(video: Video) {
  if (video.status !== 'completed' && video.status !== 'failed') return;
  endStream();
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
