interface Listeners {
  /** Called at every connection, the first and each after a loss. */
  opened?: () => void;
  lost?: () => void;
  events: Record<string, (data: never) => void>;
}

const retryAfterMs = 3000;

/**
 * A stream of server-sent events that comes back after a loss. A hidden page lets go of it, because a browser gives
 * all its tabs together six connections to one server. Returns what ends it.
 */
export function openStream(path: string, listeners: Listeners): () => void {
  let source: EventSource | null = null;
  let retry = 0;

  const connect = () => {
    source = new EventSource(path);
    source.onopen = () => listeners.opened?.();
    source.onerror = () => {
      listeners.lost?.();
      if (source?.readyState === EventSource.CLOSED) retry = window.setTimeout(connect, retryAfterMs);
    };
    for (const [name, take] of Object.entries(listeners.events)) {
      source.addEventListener(name, (event: MessageEvent<string>) => take(JSON.parse(event.data) as never));
    }
  };
  const disconnect = () => {
    window.clearTimeout(retry);
    source?.close();
  };
  const follow = () => {
    disconnect();
    if (!document.hidden) connect();
  };

  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    disconnect();
  };
}
