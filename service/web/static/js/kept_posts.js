/**
 * Requests that are kept in the browser until the server has answered them: each is sent with a key of its own, so that
 * one whose answer was lost is done once however often it is sent.
 */

const PREFIX = 'yeji-kept:';
const AGAIN_MS = 5000;
let listener = () => {};
let isSending = false;
let sent = 0;
const refusals = [];

const stored = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).sort();
const read = (name) => JSON.parse(localStorage.getItem(name));

/** @returns {string} a key that nobody else draws; `crypto.randomUUID` is missing over plain HTTP */
function draw() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Keeps a request, to be sent in the order in which they were kept. */
export function keep(path, body) {
  const key = draw();
  localStorage.setItem(`${PREFIX}${String(Date.now()).padStart(15, '0')}:${key}`, JSON.stringify({ key, path, body }));
  tell();
}

/** Calls `show` with how many wait, which were refused and how many were sent, whenever that changes. */
export function onChange(show) {
  listener = show;
  tell();
}

/** Sends what waits, until the connection fails. */
export async function send() {
  if (isSending) return;
  isSending = true;
  try {
    for (const name of stored()) {
      const kept = read(name);
      if (kept && !(await deliver(name, kept))) break;
    }
  } finally {
    isSending = false;
    tell();
  }
}

/** Sends what waits now, when the connection returns, and from time to time. */
export function start() {
  window.addEventListener('online', send);
  setInterval(() => stored().length && send(), AGAIN_MS);
  send();
}

/** @returns {Promise<boolean>} whether the server has answered for good */
async function deliver(name, kept) {
  let answer;
  try {
    answer = await fetch(kept.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'idempotency-key': kept.key },
      body: JSON.stringify(kept.body),
    });
  } catch {
    return false;
  }
  if (answer.status >= 500 || [401, 429].includes(answer.status)) return false;
  const problem = answer.ok ? {} : await answer.json().catch(() => ({}));
  if (answer.status === 409 && String(problem.detail).startsWith('Idempotency-Key')) return false;
  localStorage.removeItem(name);
  if (answer.ok) sent += 1;
  else refusals.push({ ...kept, reason: problem.detail ?? String(answer.status) });
  tell();
  return true;
}

function tell() {
  listener({ waiting: stored().length, refused: refusals, sent });
}
