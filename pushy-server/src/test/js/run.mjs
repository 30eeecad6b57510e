// node run.mjs SCENARIO URL: plays one scenario against a server that runs with --dev at the URL.
import { scenarios as eventsource } from './eventsource.mjs';
import { scenarios as pusher } from './pusher.mjs';
import { scenarios as sockjs } from './sockjs.mjs';
import { scenarios as websocket } from './websocket.mjs';

const all = { ...eventsource, ...pusher, ...sockjs, ...websocket };
const [name, base] = process.argv.slice(2);
if (!all[name] || !base) {
    console.error(`node run.mjs SCENARIO URL, where SCENARIO is one of:\n  ${Object.keys(all).join('\n  ')}`);
    process.exit(2);
}
try {
    await all[name](base);
    process.exit(0);
} catch (error) {
    console.error(error);
    process.exit(1);
}
