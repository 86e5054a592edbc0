/** A spectrum: lines over frequency, with the frequencies to look at marked. */

import { colour, figure, follow, frame, label, STRONG, tip, width } from './chart.js';

/**
 * @param {HTMLElement} place
 * @param {{frequencies_hz: number[], amplitudes: number[], marks: {quantity: string, frequency_hz: number, stands_out: boolean}[]}} spectrum
 * @param {Record<string, string>} names the marks' words
 */
export function spectrumChart(place, spectrum, names) {
  const { axes: [across, up], ...size } = frame(place);
  const last = spectrum.frequencies_hz.at(-1);
  const top = 1.15 * Math.max(...spectrum.amplitudes.slice(1), 1e-9);
  const numbers = (u, splits) => splits.map((value) => value.toLocaleString('en'));
  const chart = new window.uPlot(
    {
      ...size,
      padding: [26, 14, 0, 0],
      axes: [{ ...across, values: numbers, space: 60 }, { ...up, values: numbers }],
      series: [{}, { stroke: colour('data'), width: 1.25, fill: `${colour('data')}2e`, points: { show: false } }],
      scales: { x: { time: false, range: () => [0, last] }, y: { range: () => [0, top] } },
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
      hooks: {
        draw: [(u) => drawMarks(u, spectrum.marks, names)],
        setCursor: [tip(place, (index) => `${figure(spectrum.frequencies_hz[index])} Hz · ${figure(spectrum.amplitudes[index])} m/s²`)],
      },
    },
    [spectrum.frequencies_hz, spectrum.amplitudes],
    place,
  );
  follow(place, chart);
  return chart;
}

/** The mark that stands out has its name first; of the others those for which there is room on two lines. */
function drawMarks(u, marks, names) {
  const taken = [[], []];
  const ordered = [...marks].sort((a, b) => b.stands_out - a.stands_out || a.frequency_hz - b.frequency_hz);
  for (const mark of ordered) {
    const words = names[mark.quantity];
    const from = u.valToPos(mark.frequency_hz, 'x', true);
    const to = from + width(u.ctx, words, STRONG) + 8 * devicePixelRatio;
    const row = to > u.bbox.left + u.bbox.width ? -1 : taken.findIndex((spans) => spans.every((span) => to < span.from || from > span.to));
    if (row >= 0) taken[row].push({ from, to });
    drawMark(u, mark, row < 0 ? '' : words, row);
  }
}

/** A mark at a frequency and, fainter, at its multiples. */
function drawMark(u, mark, words, row) {
  const { ctx, bbox } = u;
  const ink = colour(mark.stands_out ? 'warning' : 'quiet');
  ctx.save();
  ctx.strokeStyle = ink;
  for (const multiple of [1, 2, 3]) {
    const x = u.valToPos(multiple * mark.frequency_hz, 'x', true);
    if (x > bbox.left + bbox.width) break;
    ctx.lineWidth = devicePixelRatio * (mark.stands_out ? 2 : 1);
    ctx.setLineDash(multiple === 1 ? [] : [3 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (multiple > 1) continue;
    const y = bbox.top - (row ? 15 : 2) * devicePixelRatio;
    if (words) label(ctx, words, x + 3 * devicePixelRatio, y, { ink: mark.stands_out ? ink : colour('ink'), font: STRONG });
  }
  ctx.restore();
}
