import { useEffect, useRef } from 'preact/hooks';
import { contentUrl } from '../api/client';
import type { Video } from '../api/types';
import { reducedMotion } from '../design/theme';
import { shape } from '../videos/format';

interface Props {
  video: Video;
  playing: boolean;
}

/** A finished video that loops while it is in sight and wanted; an animated picture where the server has no ffmpeg. */
export function LoopingVideo({ video, playing }: Props) {
  const player = useRef<HTMLVideoElement>(null);
  const moving = playing && !reducedMotion.value;
  useEffect(() => (moving && player.current ? playInSight(player.current) : undefined), [moving, video.id]);

  if (video.content_type === 'image/png') {
    return <img class="picture" src={contentUrl(video.id, moving ? 'video' : 'thumbnail')} alt={video.prompt} loading="lazy" />;
  }
  return (
    <video
      ref={player} class="picture" style={shape(video)} src={contentUrl(video.id)} poster={contentUrl(video.id, 'thumbnail')}
      preload="none" loop muted playsInline aria-label={video.prompt}
    />
  );
}

function playInSight(player: HTMLVideoElement): () => void {
  const observer = new IntersectionObserver(([entry]) => {
    if (entry!.isIntersecting) player.play().catch(() => {}); // A pause in time takes a play back; that is no fault.
    else player.pause();
  });
  observer.observe(player);
  return () => {
    observer.disconnect();
    player.pause();
  };
}
