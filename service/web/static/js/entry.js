/** The touch form: a keypad under the sensors of one machine; what is typed is kept in the page until it is sent. */

import { now } from './page_data.js';
import { keep, onChange, send, start } from './kept_posts.js';

const words = JSON.parse(document.getElementById('entry-words').textContent);
const list = document.getElementById('entry-list');
const rows = [...list.querySelectorAll('.entry-row')];
const keypad = document.getElementById('keypad');
const typed = new Map(rows.map((row) => [row, { digits: '', point: -1, negative: false }]));
let current = rows[0];

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const number = (row, name) => Number(row.dataset[name]);

/** @returns {string} what was typed: without a point typed, the last digits stand behind it, as on a meter */
function textOf(row) {
  const { digits, point, negative } = typed.get(row);
  if (!digits) return '';
  const places = point < 0 ? number(row, 'decimals') : digits.length - point;
  const padded = digits.padStart(places + 1, '0');
  const whole = padded.slice(0, padded.length - places).replace(/^0+(?=\d)/, '');
  const rest = padded.slice(padded.length - places);
  return (negative ? '-' : '') + (places || point >= 0 ? `${whole}.${rest}` : whole);
}

/** @returns {'empty'|'impossible'|'unusual'|'good'} */
function standing(row) {
  const text = textOf(row);
  if (!text) return 'empty';
  const value = Number(text);
  if (value < number(row, 'low') || value > number(row, 'high')) return 'impossible';
  return value < number(row, 'usualLow') || value > number(row, 'usualHigh') ? 'unusual' : 'good';
}

function show(row) {
  const state = standing(row);
  row.querySelector('.entry-value').textContent = textOf(row);
  row.dataset.standing = state;
  const note = row.querySelector('.entry-note');
  note.dataset.usual ??= note.textContent;
  note.textContent = words[state] ? fill(words[state], { low: row.dataset.low, high: row.dataset.high }) : note.dataset.usual;
}

function choose(row) {
  current = row;
  for (const each of rows) each.toggleAttribute('aria-current', each === row);
  row.scrollIntoView({ block: 'center' });
}

function next() {
  const at = rows.indexOf(current);
  if (at + 1 < rows.length) choose(rows[at + 1]);
}

const keys = {
  back(entry) {
    entry.digits = entry.digits.slice(0, -1);
    if (entry.point > entry.digits.length) entry.point = -1;
  },
  same(entry) {
    entry.negative = current.dataset.last.startsWith('-');
    entry.digits = current.dataset.last.replace(/\D/g, '');
    entry.point = -1;
  },
  sign(entry) {
    entry.negative = !entry.negative;
  },
  point(entry) {
    if (entry.point < 0) entry.point = entry.digits.length;
  },
};

function press(key) {
  if (key === 'send') return deliver();
  if (key === 'next') return next();
  const entry = typed.get(current);
  if (keys[key]) keys[key](entry);
  else if (entry.digits.length < 12) entry.digits += key;
  show(current);
  if (key === 'same' && standing(current) === 'good') next();
  return undefined;
}

function deliver() {
  const ready = rows.filter((row) => ['good', 'unusual'].includes(standing(row)));
  const impossible = rows.find((row) => standing(row) === 'impossible');
  if (impossible) return choose(impossible);
  if (!ready.length) return tell(words.nothing);
  const at = new Date(now()).toISOString();
  const machine = list.dataset.machine;
  const sensors = ready.filter((row) => row.dataset.kind === 'sensor');
  const values = Object.fromEntries(sensors.map((row) => [row.dataset.id, Number(textOf(row))]));
  if (sensors.length) keep('/api/v1/entries', { machine, at, values });
  for (const row of ready.filter((each) => each.dataset.kind === 'meter')) {
    keep('/api/v1/meters', { machine, unit: row.dataset.id, value: Number(textOf(row)), at });
  }
  for (const row of ready) {
    row.dataset.last = textOf(row);
    typed.set(row, { digits: '', point: -1, negative: false });
    show(row);
  }
  choose(rows[0]);
  return send();
}

function tell(text) {
  document.getElementById('entry-state').textContent = text;
}

function showKept({ waiting, refused, sent }) {
  tell(waiting ? fill(words.waiting, { number: waiting }) : sent ? words.sent : '');
  const notice = document.getElementById('entry-kept');
  notice.hidden = !refused.length && !waiting;
  notice.textContent = refused.length
    ? fill(words.refused, { reason: refused.map((each) => each.reason).join(' · ') })
    : fill(words.kept, { number: waiting });
}

for (const row of rows) {
  row.addEventListener('click', () => choose(row));
  show(row);
}
keypad.addEventListener('click', (event) => {
  const { key } = event.target.dataset;
  if (key) press(key);
});
document.addEventListener('keydown', (event) => {
  const key = { Backspace: 'back', '.': 'point', '-': 'sign' }[event.key] ?? event.key;
  if (/^\d$/.test(key) || key in keys) press(key);
});
for (const button of document.querySelectorAll('.entry-part')) {
  button.addEventListener('click', () => {
    keep(`/api/v1/part-lives/${encodeURIComponent(button.dataset.life)}/removal`, {
      reason: button.dataset.reason,
      removed_at: new Date(now()).toISOString(),
    });
    button.closest('li').hidden = true;
    send();
  });
}
const machine = document.getElementById('entry-machine');
document.getElementById('entry-go').hidden = true;
machine.addEventListener('change', () => machine.form.submit());
keypad.hidden = !rows.length;
if (rows.length) choose(rows[0]);
onChange(showKept);
start();
