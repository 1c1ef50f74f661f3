import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Complaint } from './announcer';
import { Icon } from './Icon';

interface Props {
  title: string;
  /** Without it, the dialog cannot be left. */
  onClose?: () => void;
  narrow?: boolean;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, narrow, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  // Closing before the element goes away lets the browser give focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);

  const cancel = (event: Event) => {
    event.preventDefault();
    onClose?.();
  };
  const clickBeside = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose?.();
  };

  return (
    <dialog ref={dialog} class={narrow ? 'dialog narrow' : 'dialog'} aria-labelledby={heading} onCancel={cancel} onClick={clickBeside}>
      <div class="dialog-body">
        <div class="dialog-header">
          <h2 id={heading}>{title}</h2>
          {onClose && <button type="button" class="button icon-only" aria-label="Close" onClick={onClose}><Icon name="close" /></button>}
        </div>
        <Complaint />
        {children}
      </div>
    </dialog>
  );
}
