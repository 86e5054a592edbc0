/** What every page does: the live stream, its state in the header, relative times, htmx. */

import { isSignedIn, now, say } from './page_data.js';
import { LATE_MS, LOST_MS, openSharedStream } from './stream.js';
import { ago, clockSeconds, day, stamp } from './times.js';

export const stream = isSignedIn ? openSharedStream() : null;
const opened = performance.now();
const badge = document.getElementById('live');

if (stream) window.htmx.createEventSource = () => stream.asEventSource();

const states = { joining: '', live: say('client.live'), late: say('client.late'), lost: say('client.lost') };

/** How fresh the page is: by our own clock, so that a dead line shows too. */
function freshness() {
  const silence = stream.silence() ?? performance.now() - opened;
  if (silence > LOST_MS) return 'lost';
  if (silence > LATE_MS) return 'late';
  return stream.silence() === null ? 'joining' : 'live';
}

function show() {
  const state = freshness();
  if (badge.dataset.state !== state) {
    badge.dataset.state = state;
    badge.querySelector('.state').textContent = states[state];
    document.body.classList.toggle('is-lost', state === 'lost');
  }
  write(badge.querySelector('.date'), day(now()));
  write(badge.querySelector('.clock'), clockSeconds(now()));
  for (const each of document.querySelectorAll('[data-at]')) showAge(each);
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function showAge(element) {
  const age = element.querySelector('.age');
  const at = Number(element.dataset.at);
  const words = ago(at);
  if (age.textContent !== words) {
    age.textContent = words;
    age.title = stamp(at);
  }
}

if (stream) {
  show();
  setInterval(show, 1000);
}

document.addEventListener('htmx:sendError', () => window.alert(say('client.not_sent')));
document.addEventListener('htmx:responseError', (event) => {
  if (event.detail.xhr.status === 401) window.location.assign('/sign-in');
  else window.alert(say('client.refused'));
});
