/** Times in the site's zone and the page's language. */

import { language, now, say, zone } from './page_data.js';

const parts = new Intl.DateTimeFormat(language, {
  timeZone: zone, month: language === 'ko' ? 'numeric' : 'short', day: 'numeric', weekday: 'short',
});
const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const seconds = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
});
const stamps = new Intl.DateTimeFormat('sv-SE', {
  timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
});
const relative = new Intl.RelativeTimeFormat(language, { numeric: 'always', style: 'short' });

const dayParts = (ms) => Object.fromEntries(parts.formatToParts(ms).map(({ type, value }) => [type, value]));

/** The day with its weekday. */
export const day = (ms) => say('client.day', dayParts(ms));

/** The day without its weekday, for an axis. */
export const shortDay = (ms) => say('client.short_day', dayParts(ms));

export const clockTime = (ms) => clock.format(ms);
export const clockSeconds = (ms) => seconds.format(ms);

/** Day, weekday, hours, minutes and seconds. */
export const moment = (ms) => `${day(ms)} ${clockSeconds(ms)}`;

/** As tables write it. */
export const stamp = (ms) => stamps.format(ms);

/** How long ago, in its largest fitting unit. */
export function ago(ms) {
  const span = Math.max(0, Math.round((now() - ms) / 1000));
  if (span < 60) return relative.format(-span, 'second');
  if (span < 3600) return relative.format(-Math.floor(span / 60), 'minute');
  if (span < 86_400) return relative.format(-Math.floor(span / 3600), 'hour');
  return relative.format(-Math.floor(span / 86_400), 'day');
}

/** Whether two instants lie on one day at the site. */
export const isSameDay = (a, b) => stamp(a).slice(0, 10) === stamp(b).slice(0, 10);
