import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  id: string;
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}

/** A named region. When what had the focus goes away, its heading takes it, so that keyboard users keep their place. */
export function Section({ id, title, aside, children }: Props) {
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => keepFocus(section.current!, heading.current!), []);

  return (
    <section ref={section} class={`section ${id}`} aria-labelledby={`${id}-heading`}>
      <header class="section-header">
        <h2 ref={heading} id={`${id}-heading`} tabIndex={-1}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

function keepFocus(section: HTMLElement, heading: HTMLElement): () => void {
  let last: Element | null = null;
  const remember = (event: FocusEvent) => (last = event.target as Element);
  const rescue = () => {
    if (!last || last.isConnected) return;
    last = null;
    if (document.activeElement === document.body) heading.focus();
  };
  const observer = new MutationObserver(rescue);
  observer.observe(section, { childList: true, subtree: true });
  section.addEventListener('focusin', remember);
  return () => observer.disconnect();
}
