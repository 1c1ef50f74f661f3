import { Icon, type IconName } from './Icon';

interface Props {
  icon: IconName;
  label: string;
  /** The id of what names the thing that the button acts on. */
  about?: string;
  disabled?: boolean;
  onClick: () => void;
}

/** Disabled ones stay focusable, so that a keyboard user at the end of a list does not lose the place. */
export function IconButton({ icon, label, about, disabled, onClick }: Props) {
  return (
    <button
      type="button" class="button icon-only" aria-label={label} title={label} aria-describedby={about}
      aria-disabled={disabled ? 'true' : undefined} onClick={disabled ? undefined : onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
