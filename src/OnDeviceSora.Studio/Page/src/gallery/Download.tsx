import { contentUrl } from '../api/client';
import type { Video } from '../api/types';
import { Icon } from '../design/Icon';

interface Props {
  video: Video;
  about?: string;
  iconOnly?: boolean;
}

export function Download({ video, about, iconOnly }: Props) {
  const extension = video.content_type === 'image/png' ? 'png' : 'mp4';
  return (
    <a
      class={iconOnly ? 'button icon-only' : 'button'} href={contentUrl(video.id)} download={`${fileName(video)}.${extension}`}
      aria-label="Download" title="Download" aria-describedby={about}
    >
      <Icon name="download" />{!iconOnly && ' Download'}
    </a>
  );
}

const fileName = (video: Video) =>
  `${video.prompt.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 60) || 'video'}-seed-${video.seed}`;
