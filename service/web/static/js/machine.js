/** The machine page: the fan chart, the sensors, the countdown of tools. */

import { fanChart } from './chart.js';
import { stream } from './page.js';
import { now, say } from './page_data.js';
import { drawOnView, lastHours, redraw, showValues } from './sensors.js';
import { drawSpectra } from './vibration.js';

const machine = document.getElementById('machine').dataset.machine;
const ranges = document.querySelector('.ranges');
const KEPT = 'yeji-hours';

let hours = Number(sessionStorage.getItem(KEPT)) || Number(ranges.querySelector('[aria-pressed="true"]').dataset.hours);
const spanOf = () => lastHours(hours);

const fan = document.getElementById('fan-data');
if (fan) fanChart(document.getElementById('fan'), JSON.parse(fan.textContent));

function press() {
  for (const button of ranges.children) button.setAttribute('aria-pressed', String(Number(button.dataset.hours) === hours));
}

ranges.hidden = false;
press();
ranges.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  hours = Number(button.dataset.hours);
  sessionStorage.setItem(KEPT, String(hours));
  press();
  redraw(spanOf);
});
drawOnView(spanOf);
drawSpectra();

stream.on('snapshot', ({ data }) => showValues(JSON.parse(data).values, machine, { isLive: false }));
stream.on('tick', ({ data }) => showValues(JSON.parse(data).values, machine, { isLive: hours <= 8 }));

let refreshing = 0;
function refreshSoon({ data }) {
  if (JSON.parse(data).machine !== machine) return;
  clearTimeout(refreshing);
  refreshing = setTimeout(() => window.htmx.trigger('#machine', 'yeji:refresh'), 500);
}
stream.on('case', refreshSoon);
stream.on('prediction', refreshSoon);

function countDown() {
  for (const line of document.querySelectorAll('.countdown')) {
    const minutes = Math.round((Number(line.dataset.ends) - now()) / 60_000);
    const words = minutes > 0 ? say('client.left', { minutes }) : say('client.used_up');
    const place = line.querySelector('b');
    if (place.textContent !== words) place.textContent = words;
  }
}
countDown();
setInterval(countDown, 15_000);
