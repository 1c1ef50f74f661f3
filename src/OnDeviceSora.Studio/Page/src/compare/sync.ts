import type { Video } from '../api/types';

export interface Pair {
  left: HTMLVideoElement;
  right: HTMLVideoElement;
  leftVideo: Video;
  rightVideo: Video;
}

export const commonFrames = (left: Video, right: Video) => Math.min(left.num_frames, right.num_frames);

/** Shows the same frame in both. Aims at its middle, so that rounding cannot show the one before. */
export function seek({ left, right, leftVideo, rightVideo }: Pair, frame: number) {
  left.currentTime = (frame + 0.5) / leftVideo.fps;
  right.currentTime = (frame + 0.5) / rightVideo.fps;
}

/**
 * Plays both in step, the left one leading, round and round over the frames that both have, and reports each new
 * frame. Returns what stops it.
 */
export function playTogether(pair: Pair, show: (frame: number) => void): () => void {
  const { left, right, leftVideo, rightVideo } = pair;
  const frames = commonFrames(leftVideo, rightVideo);
  let next = 0;

  right.playbackRate = leftVideo.fps / rightVideo.fps;
  const start = () => {
    left.play().catch(() => {});
    right.play().catch(() => {});
  };
  const tick = () => {
    const frame = Math.floor(left.currentTime * leftVideo.fps);
    if (left.ended || frame >= frames) {
      seek(pair, 0);
      start();
    } else {
      catchUp(pair);
      show(frame);
    }
    next = requestAnimationFrame(tick);
  };

  start();
  tick();
  return () => {
    cancelAnimationFrame(next);
    left.pause();
    right.pause();
  };
}

/** Puts the right one back beside the left one when it is more than a frame away. */
function catchUp({ left, right, leftVideo, rightVideo }: Pair) {
  const wanted = (left.currentTime * leftVideo.fps) / rightVideo.fps;
  if (!right.seeking && Math.abs(right.currentTime - wanted) > 1 / rightVideo.fps) right.currentTime = wanted;
}
