/** The list of cases: says that there is news, and leaves it to the reader to load it. */

import { stream } from './page.js';
import { say } from './page_data.js';

const heard = new Set();

stream.on('case', ({ data }) => {
  heard.add(JSON.parse(data).id);
  const place = document.getElementById('fresh');
  place.querySelector('a').textContent = say('client.news', { number: heard.size });
  place.hidden = false;
});
