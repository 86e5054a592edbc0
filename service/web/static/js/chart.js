/** Charts over time, and what every chart is made of. */

import { language, say, zone } from './page_data.js';
import { clockTime, isSameDay, moment, shortDay } from './times.js';

const style = getComputedStyle(document.documentElement);
export const colour = (name) => style.getPropertyValue(`--${name}`).trim();
const FONT = `12px ${style.getPropertyValue('--fonts')}`;
export const STRONG = `bold ${FONT}`;
const DAY_S = 86_400;
const GAP_FACTOR = 3;

/**
 * A sensor over a span, with its limits; holes are tinted.
 *
 * @param {HTMLElement} place
 * @param {{at: number[], low: (number|null)[], high: (number|null)[], mean: (number|null)[], stopped: {from: number, to: number}[]}} data times in seconds
 * @param {{from: number, to: number, limits: {value: number, level: string, words: string}[], unit: string, sync: string}} options
 */
export function sensorChart(place, data, options) {
  const span = { from: options.from, to: options.to };
  const series = [
    {},
    { stroke: 'transparent', points: { show: false } },
    { stroke: 'transparent', points: { show: false } },
    { stroke: colour('data'), width: 1.25, points: { show: false }, spanGaps: false },
  ];
  const chart = new window.uPlot(
    {
      ...frame(place),
      series,
      bands: [{ series: [2, 1], fill: `${colour('data')}2e` }],
      scales: { x: { time: true, range: () => [span.from, span.to] }, y: { range: () => valueRange(chartData, options.limits) } },
      cursor: cursor(options.sync),
      hooks: {
        drawClear: [(u) => tintHoles(u, chartData, span)],
        draw: [(u) => options.limits.forEach((limit) => limitLine(u, limit))],
        setCursor: [tip(place, (index) => readingWords(chartData, index, options.unit))],
      },
    },
    null,
    place,
  );
  let chartData = data;
  const draw = () => chart.setData([chartData.at, chartData.low, chartData.high, chartData.mean]);
  draw();
  follow(place, chart);
  return {
    data: () => chartData,
    destroy: () => chart.destroy(),
    push(at, value) {
      const last = chartData.at.at(-1) ?? -Infinity;
      if (at <= last) return;
      for (const column of [chartData.low, chartData.high, chartData.mean]) column.push(value);
      chartData.at.push(at);
      const width = span.to - span.from;
      span.to = Math.max(span.to, at);
      span.from = span.to - width;
      draw();
    },
  };
}

/** How worn a part is and how it may go on, in per cent of the failure limit. */
export function fanChart(place, fan) {
  const at = fan.at_ms.map((ms) => ms / 1000);
  const now = fan.now_ms / 1000;
  const ends = [at[0], at.at(-1), now, ...(fan.replace_by_ms ? [fan.replace_by_ms / 1000] : [])];
  const top = Math.max(1.3 * fan.limit, 1.1 * Math.max(...[...fan.past, ...fan.high].filter((value) => value !== null)));
  const line = { points: { show: false }, spanGaps: false };
  const chart = new window.uPlot(
    {
      ...frame(place),
      series: [
        {},
        { ...line, stroke: 'transparent' },
        { ...line, stroke: 'transparent' },
        { ...line, stroke: colour('data'), width: 2, dash: [6, 4] },
        { ...line, stroke: colour('data'), width: 2 },
      ],
      bands: [{ series: [2, 1], fill: `${colour('band')}b8` }],
      scales: { x: { time: true, range: () => [Math.min(...ends), Math.max(...ends)] }, y: { range: () => [0, top] } },
      cursor: cursor('fan'),
      hooks: {
        drawClear: [(u) => tintHoles(u, { at, mean: fan.past, stopped: [] }, { from: at[0], to: lastKnown(fan.past, at) })],
        draw: [(u) => {
          limitLine(u, { value: fan.limit, level: 'critical', words: say('client.failure_limit') });
          for (const mark of fan.marks) markBelow(u, mark.at_ms / 1000, mark.words);
          if (fan.replace_by_ms) dayLine(u, fan.replace_by_ms / 1000, say('client.replace_by', { day: shortDay(fan.replace_by_ms) }), { dash: [3, 3], low: true });
          dayLine(u, now, say('client.today'), { dash: [], low: false });
        }],
        setCursor: [tip(place, (index) => fanWords(fan, index))],
      },
    },
    [at, fan.low, fan.high, fan.middle, fan.past],
    place,
  );
  follow(place, chart);
}

export function frame(place) {
  const grid = { stroke: colour('track'), width: 1 };
  const axis = { stroke: colour('quiet'), font: FONT, grid, ticks: { ...grid, size: 4 }, gap: 4 };
  return {
    width: Math.max(120, place.clientWidth),
    height: place.clientHeight,
    padding: [14, 14, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), zone),
    axes: [
      { ...axis, space: 74, size: 28, values: (u, splits, _index, _space, step) => splits.map((at, i) => tick(at, splits[i - 1], step)) },
      { ...axis, space: 34, size: 46, values: (u, splits) => splits.map((value) => value.toLocaleString(language)) },
    ],
  };
}

function tick(at, before, step) {
  const ms = at * 1000;
  if (step >= DAY_S) return shortDay(ms);
  return before !== undefined && isSameDay(before * 1000, ms) ? clockTime(ms) : `${shortDay(ms)} ${clockTime(ms)}`;
}

const cursor = (sync) => ({ y: false, points: { size: 6 }, drag: { x: false, y: false }, sync: { key: sync } });

function valueRange(data, limits) {
  const values = [...data.low, ...data.high].filter((value) => value !== null);
  if (!values.length) return [0, 1];
  let low = Math.min(...values);
  let high = Math.max(...values);
  for (const { value, level } of limits) {
    if (level === 'warning' || high > 0.7 * value) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

/** A hole is where values are missing or the next is much later than usual; it is tinted, never drawn through. A stop is told apart from a loss. */
function tintHoles(u, data, span) {
  const known = data.at.filter((_, i) => data.mean[i] !== null);
  const steps = known.slice(1).map((at, i) => at - known[i]).sort((a, b) => a - b);
  const usual = (steps[Math.floor(steps.length / 2)] ?? 1) * GAP_FACTOR;
  const edges = [span.from, ...known, span.to];
  const { ctx, bbox } = u;
  ctx.save();
  const holes = [];
  for (let i = 1; i < edges.length; i += 1) {
    const width = edges[i] - edges[i - 1];
    const isHole = i > 1 && i < edges.length - 1 ? hasNullBetween(data, edges[i - 1], edges[i]) || width > 4 * usual : width > Math.max(usual, (span.to - span.from) * 0.03);
    if (known.length && width > 0 && isHole) {
      const left = u.valToPos(edges[i - 1], 'x', true);
      const wide = u.valToPos(edges[i], 'x', true) - left;
      const isStop = wasStopped(data.stopped, edges[i - 1], edges[i]);
      ctx.fillStyle = colour(isStop ? 'track' : 'silent-tint');
      ctx.fillRect(left, bbox.top, wide, bbox.height);
      holes.push({ middle: left + wide / 2, wide, words: say(isStop ? 'client.stopped' : 'client.missing'), ink: colour(isStop ? 'quiet' : 'silent') });
    }
  }
  for (const hole of holes) {
    if (hole.wide > width(ctx, hole.words, FONT) * 1.3) nameHole(ctx, bbox, hole);
  }
  ctx.restore();
}

const wasStopped = (stops, from, to) => stops.some((stop) => stop.from < to && stop.to > from && Math.min(to, stop.to) - Math.max(from, stop.from) > (to - from) / 2);

function nameHole(ctx, bbox, { middle, words, ink }) {
  ctx.font = scaled(FONT);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = ink;
  ctx.fillText(words, middle, bbox.top + bbox.height / 2);
}

const lastKnown = (column, at) => at[column.findLastIndex((value) => value !== null)] ?? at[0];

function hasNullBetween(data, from, to) {
  return data.at.some((at, i) => at > from && at < to && data.mean[i] === null);
}

function limitLine(u, { value, level, words }) {
  const { ctx, bbox } = u;
  const y = u.valToPos(value, 'y', true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = colour(level);
  ctx.lineWidth = devicePixelRatio * 1.25;
  if (level === 'warning') ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  label(ctx, words, bbox.left + 6 * devicePixelRatio, y - 5 * devicePixelRatio, { ink: colour(level), font: FONT });
  ctx.restore();
}

function dayLine(u, at, words, { dash, low }) {
  const { ctx, bbox } = u;
  const x = u.valToPos(at, 'x', true);
  if (x < bbox.left || x > bbox.left + bbox.width + 1) return;
  ctx.save();
  ctx.strokeStyle = colour('ink');
  ctx.lineWidth = devicePixelRatio * 1.5;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  const y = low ? bbox.top + bbox.height - 8 * devicePixelRatio : bbox.top + 12 * devicePixelRatio;
  const isRight = low ? x + width(ctx, words, STRONG) + 10 * devicePixelRatio < bbox.left + bbox.width : x - width(ctx, words, STRONG) - 10 * devicePixelRatio < bbox.left;
  label(ctx, words, x + (isRight ? 6 : -6) * devicePixelRatio, y, { ink: colour('ink'), font: STRONG, align: isRight ? 'left' : 'right' });
  ctx.restore();
}

function markBelow(u, at, words) {
  const { ctx, bbox } = u;
  const x = u.valToPos(at, 'x', true);
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  const size = 5 * devicePixelRatio;
  const y = bbox.top + bbox.height - 2 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colour('quiet');
  ctx.beginPath();
  ctx.moveTo(x, y - 2 * size);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x - size, y);
  ctx.fill();
  label(ctx, words, x + 2 * size, y - 2 * devicePixelRatio, { ink: colour('quiet'), font: FONT });
  ctx.restore();
}

const scaled = (font) => font.replace('12px', `${12 * devicePixelRatio}px`);

export function width(ctx, words, font) {
  ctx.font = scaled(font);
  return ctx.measureText(words).width;
}

export function label(ctx, words, x, y, { ink, font, align = 'left' }) {
  ctx.font = scaled(font);
  ctx.textAlign = align;
  ctx.textBaseline = 'alphabetic';
  ctx.lineJoin = 'round';
  ctx.setLineDash([]);
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.strokeStyle = colour('panel');
  ctx.strokeText(words, x, y);
  ctx.fillStyle = ink;
  ctx.fillText(words, x, y);
}

export function tip(place, words) {
  const box = document.createElement('p');
  box.className = 'chart-tip';
  box.hidden = true;
  place.append(box);
  return (u) => {
    const text = u.cursor.idx == null || u.cursor.left < 0 ? '' : words(u.cursor.idx);
    box.hidden = !text;
    if (!text) return;
    box.textContent = text;
    const left = u.cursor.left + u.bbox.left / devicePixelRatio;
    box.style.left = left > place.clientWidth / 2 ? '' : `${left + 8}px`;
    box.style.right = left > place.clientWidth / 2 ? `${place.clientWidth - left + 8}px` : '';
  };
}

function readingWords(data, index, unit) {
  const value = data.mean[index];
  if (value === null) return `${moment(data.at[index] * 1000)} · ${say('client.missing')}`;
  return `${moment(data.at[index] * 1000)} · ${figure(value)} ${unit}`;
}

function fanWords(fan, index) {
  const day = shortDay(fan.at_ms[index]);
  if (fan.past[index] !== null) return `${day} · ${Math.round(fan.past[index])}%`;
  if (fan.middle[index] === null) return '';
  return `${day} · ${Math.round(fan.low[index])}–${Math.round(fan.high[index])}%`;
}

/** A measured value with about three significant digits, as the server writes it. */
export function figure(value) {
  const size = Math.abs(value);
  if (size === 0) return '0';
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(size)));
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function follow(place, chart) {
  new ResizeObserver(() => {
    if (place.clientWidth && Math.abs(place.clientWidth - chart.width) > 1) {
      chart.setSize({ width: place.clientWidth, height: place.clientHeight });
    }
  }).observe(place);
}
