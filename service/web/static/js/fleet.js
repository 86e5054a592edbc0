/** Keeps the fleet page fresh without moving it under a finger. */

import { stream } from './page.js';

const QUIET_MS = 1500;
const SOON_MS = 400;
const CALM_MS = 30_000;
const CLOCK_MS = 60_000;

let touched = -Infinity;
let due = Infinity;
let refreshed = performance.now();

const region = () => document.getElementById('fleet');
const want = (inMs) => { due = Math.min(due, performance.now() + inMs); };

for (const kind of ['pointerdown', 'keydown', 'touchmove']) {
  document.addEventListener(kind, () => { touched = performance.now(); }, { passive: true });
}

function refreshWhenDue() {
  const at = performance.now();
  if (at - refreshed > CLOCK_MS) want(0);
  if (at < due || document.hidden || at - touched < QUIET_MS) return;
  due = Infinity;
  refreshed = at;
  window.htmx.trigger(region(), 'yeji:refresh');
}

function onTick({ data }) {
  const silent = new Set([...document.querySelectorAll('.tile.no_signal')].map((tile) => tile.pathname.split('/').pop()));
  if (silent.size && JSON.parse(data).values.some((row) => silent.has(row.machine))) want(SOON_MS * 5);
}

stream.on('case', () => want(SOON_MS));
stream.on('prediction', () => want(CALM_MS));
stream.on('health', () => want(CALM_MS));
stream.on('tick', onTick);
setInterval(refreshWhenDue, 200);
