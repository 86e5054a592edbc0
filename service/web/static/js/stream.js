/**
 * One live stream per browser, however many tabs are open.
 *
 * Server-sent events take one of the six connections that a browser grants a host, so the seventh tab would hang. The
 * tabs elect a leader over a BroadcastChannel; it alone is connected and passes on what it hears. A leader that falls
 * silent or goes is replaced within about three seconds.
 */

const URL = '/api/v1/stream';
const EVENTS = ['snapshot', 'tick', 'case', 'prediction', 'health'];
const BEAT_MS = 1000;
const SILENCE_MS = 2500;
const FIRST_WAIT_MS = 250;
const RECONNECT_MS = 3000;

export const LATE_MS = 5000;
export const LOST_MS = 15_000;

export function openSharedStream() {
  const me = Math.random().toString(36).slice(2);
  const listeners = new Map();
  const values = new Map();
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel('yeji-stream') : null;
  let source = null;
  let heardLeader = 0;
  let heardServer = 0;
  let retry = 0;
  let beat = 0;

  const deliver = (name, text) => {
    heardServer = performance.now();
    for (const listener of listeners.get(name) ?? []) listener({ type: name, data: text });
  };

  const remember = (name, text) => {
    if (name !== 'tick' && name !== 'snapshot') return;
    if (name === 'snapshot') values.clear();
    for (const row of JSON.parse(text).values) values.set(`${row.machine} ${row.sensor}`, row);
  };

  const hear = (name, text) => {
    remember(name, text);
    channel?.postMessage({ kind: 'event', from: me, name, text });
    deliver(name, text);
  };

  function lead() {
    if (source) return;
    source = new EventSource(URL);
    for (const name of EVENTS) source.addEventListener(name, (event) => hear(name, event.data));
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      source = null;
      clearTimeout(retry);
      retry = setTimeout(lead, RECONNECT_MS);
    };
    channel?.postMessage({ kind: 'alive', from: me });
  }

  function follow() {
    clearTimeout(retry);
    source?.close();
    source = null;
    heardLeader = performance.now();
  }

  const isLeading = () => source !== null;

  function onMessage({ data }) {
    if (data.kind === 'hello' && isLeading()) {
      const at = new Date().toISOString();
      channel.postMessage({ kind: 'alive', from: me });
      if (values.size) {
        const text = JSON.stringify({ at, values: [...values.values()] });
        channel.postMessage({ kind: 'event', from: me, to: data.from, name: 'snapshot', text });
      }
    }
    if (data.kind === 'bye') heardLeader = -Infinity;
    if (data.kind === 'alive' || data.kind === 'event') {
      if (isLeading() && data.from < me) follow();
      heardLeader = performance.now();
    }
    if (data.kind === 'event' && !isLeading() && (!data.to || data.to === me)) deliver(data.name, data.text);
  }

  function onBeat() {
    if (isLeading()) channel.postMessage({ kind: 'alive', from: me });
    else if (performance.now() - heardLeader > SILENCE_MS + Math.random() * 500) lead();
  }

  function start() {
    if (!channel) return lead();
    channel.onmessage = onMessage;
    channel.postMessage({ kind: 'hello', from: me });
    setTimeout(() => { if (!heardLeader) lead(); }, FIRST_WAIT_MS + Math.random() * FIRST_WAIT_MS);
    beat = setInterval(onBeat, BEAT_MS);
  }

  function stop() {
    clearInterval(beat);
    clearTimeout(retry);
    if (isLeading()) channel?.postMessage({ kind: 'bye', from: me });
    source?.close();
    source = null;
    heardLeader = 0;
  }

  window.addEventListener('pagehide', stop);
  window.addEventListener('pageshow', (event) => { if (event.persisted) start(); });
  start();

  const on = (name, listener) => {
    if (!listeners.has(name)) listeners.set(name, new Set());
    listeners.get(name).add(listener);
  };
  const off = (name, listener) => listeners.get(name)?.delete(listener);

  return {
    on,
    isLeading,
    /** Milliseconds since anything came from the server, null before the first time. */
    silence: () => (heardServer ? performance.now() - heardServer : null),
    /** Looks to htmx like an EventSource of its own. */
    asEventSource: () => ({ addEventListener: on, removeEventListener: off, close() {}, readyState: EventSource.OPEN }),
  };
}
