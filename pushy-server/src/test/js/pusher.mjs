// pusher-js over its HTTP fallbacks, through whatever stands at the URL: one connection that hears each event once, in order.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { until } from './support.mjs';

const require = createRequire(import.meta.url);
const PAD = 'x'.repeat(8_000);
// With the padding more than the client reads from one stream, so that it opens several.
const EVENTS = 120;

async function hear(base, transport) {
    const Pusher = require('pusher-js');
    const Rest = require('pusher');
    const { hostname, port } = new URL(base);
    const app = { key: 'main-key', secret: 'secret-of-the-main-app', appId: '1001' };
    const rest = new Rest({ ...app, host: hostname, port, useTLS: false });
    const pusher = new Pusher(app.key, {
        cluster: 'none',
        forceTLS: false,
        enabledTransports: [transport],
        httpHost: hostname,
        httpPort: Number(port),
        wsHost: hostname,
        wsPort: Number(port),
    });
    const states = [];
    pusher.connection.bind('state_change', change => states.push(change.current));
    const heard = [];
    const channel = pusher.subscribe('balanced');
    channel.bind('counted', data => heard.push(data.n));
    await until('the subscription', () => channel.subscribed);
    for (let n = 0; n < EVENTS; n++) {
        await rest.trigger('balanced', 'counted', { n, pad: PAD });
        // What is under way to a client that changes over to another stream is lost with any transport of this kind.
        await until(`event ${n}`, () => heard.length > n);
    }
    assert.deepEqual(heard, Array.from({ length: EVENTS }, (_, n) => n));
    assert.deepEqual(states, ['connected']);
    assert.equal(pusher.connection.connection.transport?.name ?? transport, transport);
    pusher.disconnect();
}

const scenarios = {};
for (const transport of ['xhr_streaming', 'xhr_polling']) {
    scenarios[`pusher-node-${transport}`] = base => hear(base, transport);
}

export { scenarios };
