/** The spectra of a machine's measuring points, drawn as they come into view. */

import { say } from './page_data.js';
import { spectrumChart } from './spectrum_chart.js';

const charts = new Map();

export function drawSpectra() {
  const watch = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      start(target);
    }
  }, { rootMargin: '200px' });
  for (const panel of document.querySelectorAll('section.point[data-point]')) watch.observe(panel);
}

function start(panel) {
  const kinds = panel.querySelector('.kinds');
  kinds.hidden = false;
  kinds.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    for (const each of kinds.children) each.setAttribute('aria-pressed', String(each === button));
    load(panel, button.dataset.kind);
  });
  load(panel, 'envelope');
}

async function load(panel, kind) {
  const place = panel.querySelector('.chart');
  const { machine, point, upTo } = panel.dataset;
  const query = new URLSearchParams({ machine, point, kind, max_points: String(Math.max(100, Math.min(2000, place.clientWidth))) });
  if (kind === 'envelope') query.set('up_to_hz', upTo);
  let answer;
  try {
    answer = await fetch(`/api/v1/waveforms/spectrum?${query}`);
  } catch {
    answer = { ok: false };
  }
  charts.get(panel)?.destroy();
  charts.delete(panel);
  place.replaceChildren();
  if (!answer.ok) {
    const words = document.createElement('p');
    words.className = 'empty';
    words.textContent = say('client.not_loaded');
    place.append(words);
    return;
  }
  const spectrum = await answer.json();
  if (kind !== 'envelope') spectrum.marks = spectrum.marks.filter((mark) => mark.quantity === 'envelope_1x');
  charts.set(panel, spectrumChart(place, spectrum, JSON.parse(panel.dataset.names)));
}
