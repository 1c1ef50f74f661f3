import type { Signal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { contentUrl } from '../api/client';
import type { Video } from '../api/types';
import { Icon } from '../design/Icon';
import { IconButton } from '../design/IconButton';
import { reducedMotion } from '../design/theme';
import { shape } from '../videos/format';
import { commonFrames, playTogether, seek, type Pair } from './sync';

interface Props {
  left: Video;
  right: Video;
  frame: Signal<number>;
}

export function SyncedPlayers({ left, right, frame }: Props) {
  const leftPlayer = useRef<HTMLVideoElement>(null);
  const rightPlayer = useRef<HTMLVideoElement>(null);
  const playing = useSignal(!reducedMotion.value);
  const frames = commonFrames(left, right);
  const pair = (): Pair => ({ left: leftPlayer.current!, right: rightPlayer.current!, leftVideo: left, rightVideo: right });

  useEffect(() => (playing.value ? playTogether(pair(), (shown) => (frame.value = shown)) : undefined), [playing.value]);

  const show = (wanted: number) => {
    playing.value = false;
    frame.value = Math.max(0, Math.min(frames - 1, wanted));
    seek(pair(), frame.value);
  };

  return (
    <div class="stack">
      <div class="side-by-side">
        <Side player={leftPlayer} video={left} name="Left" />
        <Side player={rightPlayer} video={right} name="Right" />
      </div>
      <div class="transport" role="group" aria-label="Both videos">
        <button type="button" class="button" onClick={() => (playing.value = !playing.value)}>
          <Icon name={playing.value ? 'pause' : 'play'} /> {playing.value ? 'Pause' : 'Play'}
        </button>
        <IconButton icon="back" label="Previous frame" onClick={() => show(frame.value - 1)} />
        <input
          type="range" aria-label="Frame" aria-valuetext={`Frame ${frame.value + 1} of ${frames}`}
          min={0} max={frames - 1} value={frame.value} onInput={(e) => show(e.currentTarget.valueAsNumber)}
        />
        <IconButton icon="forward" label="Next frame" onClick={() => show(frame.value + 1)} />
        <span class="muted frame-count">{frame.value + 1} / {frames}</span>
      </div>
    </div>
  );
}

function Side({ player, video, name }: { player: { current: HTMLVideoElement | null }; video: Video; name: string }) {
  return (
    <figure class="side">
      <video
        ref={player} class="picture" style={shape(video)} src={contentUrl(video.id)}
        muted playsInline preload="auto" aria-label={`${name}: ${video.prompt}`}
      />
      <figcaption><strong>{name}</strong> {video.prompt}</figcaption>
    </figure>
  );
}
