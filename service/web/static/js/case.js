/** The page of a case: what the sensors did around it. */

import './page.js';
import { drawOnView } from './sensors.js';

drawOnView((panel) => ({ from: Number(panel.dataset.from), to: Number(panel.dataset.to) }));
