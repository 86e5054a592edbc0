/** The sensor panels of a machine or a case: charts on scrolling, live values, tables, CSV. */

import { figure, sensorChart } from './chart.js';
import { now, say } from './page_data.js';
import { stamp } from './times.js';

const MOST_ROWS = 500;
const charts = new Map();
const panels = () => document.querySelectorAll('section.sensor');

/**
 * Draw each panel's chart as it comes into view.
 *
 * @param {(panel: HTMLElement) => {from: number, to: number}} spanOf milliseconds
 */
export function drawOnView(spanOf) {
  const watch = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      load(target, spanOf(target));
    }
  }, { rootMargin: '200px' });
  for (const panel of panels()) watch.observe(panel);
}

/** Draw again what was drawn, over another span; what was not yet is drawn on scrolling. */
export function redraw(spanOf) {
  for (const panel of panels()) if (charts.has(panel)) load(panel, spanOf(panel));
}

/** Show the values of a snapshot or tick. */
export function showValues(rows, machine, { isLive }) {
  for (const row of rows) {
    if (row.machine !== machine) continue;
    const panel = document.querySelector(`section.sensor[data-sensor="${CSS.escape(row.sensor)}"]`);
    if (panel) showValue(panel, row, isLive);
  }
}

function showValue(panel, row, isLive) {
  const at = Date.parse(row.at);
  if (at < Number(panel.dataset.at ?? 0)) return;
  panel.dataset.at = at;
  const value = panel.querySelector('.value');
  const words = row.value === null ? '–' : figure(row.value);
  if (value.textContent !== words) value.textContent = words;
  if (isLive && row.value !== null) charts.get(panel)?.push(at / 1000, row.value);
}

async function load(panel, { from, to }) {
  const place = panel.querySelector('.chart');
  const query = new URLSearchParams({
    machine: panel.dataset.machine, sensor: panel.dataset.sensor,
    from: new Date(from).toISOString(), to: new Date(to).toISOString(),
  });
  panel.querySelector('a.csv').href = `/api/v1/readings?${query}&format=csv`;
  query.set('max_points', String(Math.max(100, Math.min(1000, place.clientWidth))));
  let answer;
  try {
    answer = await fetch(`/api/v1/readings?${query}`);
  } catch {
    return sayEmpty(place, 'client.not_loaded');
  }
  if (!answer.ok) return sayEmpty(place, 'client.not_loaded');
  show(panel, place, await answer.json(), { from: from / 1000, to: to / 1000 });
}

function show(panel, place, body, span) {
  charts.get(panel)?.destroy();
  charts.delete(panel);
  place.replaceChildren();
  hideTable(panel);
  if (!body.at_ms.length) return sayEmpty(place, 'client.no_readings');
  const stopped = body.stopped.map(({ start_ms, end_ms }) => ({ from: start_ms / 1000, to: end_ms / 1000 }));
  const data = { at: body.at_ms.map((ms) => ms / 1000), low: body.low, high: body.high, mean: body.mean, stopped };
  const limits = JSON.parse(place.dataset.limits);
  charts.set(panel, sensorChart(place, data, { ...span, limits, unit: panel.dataset.unit, sync: 'sensors' }));
  const button = panel.querySelector('.as-table');
  button.hidden = false;
  button.onclick = () => (button.getAttribute('aria-expanded') === 'true' ? hideTable(panel) : showTable(panel));
}

function sayEmpty(place, key) {
  const words = document.createElement('p');
  words.className = 'empty';
  words.textContent = say(key);
  place.replaceChildren(words);
}

function showTable(panel) {
  const data = charts.get(panel).data();
  const place = panel.querySelector('.table-place');
  const step = Math.max(1, Math.ceil(data.at.length / MOST_ROWS));
  const table = document.createElement('table');
  const head = table.createTHead().insertRow();
  for (const key of ['client.time', 'client.low', 'client.mean', 'client.high']) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = say(key);
    head.append(cell);
  }
  const body = table.createTBody();
  for (let i = data.at.length - 1; i >= 0; i -= step) {
    const row = body.insertRow();
    const time = document.createElement('th');
    time.scope = 'row';
    time.textContent = stamp(data.at[i] * 1000);
    row.append(time);
    for (const column of [data.low, data.mean, data.high]) {
      row.insertCell().textContent = column[i] === null ? say('client.missing') : figure(column[i]);
    }
  }
  const scroll = document.createElement('div');
  scroll.className = 'scroll';
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'region');
  scroll.setAttribute('aria-label', panel.getAttribute('aria-label'));
  scroll.append(table);
  place.replaceChildren(scroll);
  place.hidden = false;
  panel.querySelector('.as-table').setAttribute('aria-expanded', 'true');
}

function hideTable(panel) {
  const place = panel.querySelector('.table-place');
  place.hidden = true;
  place.replaceChildren();
  panel.querySelector('.as-table').setAttribute('aria-expanded', 'false');
}

/** The last so many hours, up to now. */
export const lastHours = (hours) => ({ from: now() - hours * 3_600_000, to: now() });
