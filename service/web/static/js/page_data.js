/** What the server tells the scripts: time zone, language, words. */

const data = JSON.parse(document.getElementById('page-data').textContent);

export const zone = data.zone;
export const language = data.language;
export const isSignedIn = data.is_signed_in;

/** The server's clock: browsers in a factory are often wrong by minutes. */
const ahead = data.now_ms - Date.now();
export const now = () => Date.now() + ahead;

/** @returns {string} the sentence of that key with `{name}` filled in */
export function say(key, values = {}) {
  return (data.words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
