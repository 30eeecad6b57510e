// sockjs-client, every transport it has: in Node and in a browser, on the native protocol.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { withPage } from './browser.mjs';
import { disconnect, publish, token, until } from './support.mjs';

const require = createRequire(import.meta.url);
const SCRIPT = require.resolve('sockjs-client/dist/sockjs.min.js');
const ENDPOINT = '/channels/sockjs';

const IN_NODE = ['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling'];
const IN_BROWSER = [...IN_NODE, 'iframe-eventsource', 'iframe-htmlfile', 'iframe-xhr-polling', 'jsonp-polling'];
// Works in pages of the server's own origin only.
const AT_HOME = ['htmlfile'];

// Characters that transports are known to mangle, and what could end a script or a string in one.
const TEXT = 'a line\nanother\r\n\u0000\u001f\u007f\u00ad\u200c\u2028\u2029\u2060\ufeff\ufff0\uffff € 🎈 "quoted" \\ </script> %22 + &';

// Runs in the browser as well as here: needs nothing from around it but SockJS.
function connect([url, transport]) {
    const state = (globalThis.sock = { heard: [], closes: [], opens: 0 });
    const socket = new globalThis.SockJS(url, null, { transports: [transport], timeout: 30_000 });
    state.send = frames => frames.forEach(frame => socket.send(JSON.stringify(frame)));
    state.close = () => socket.close();
    socket.onopen = () => {
        state.opens++;
        state.transport = socket.transport;
    };
    socket.onmessage = event => state.heard.push(JSON.parse(event.data));
    socket.onclose = event => state.closes.push([event.code, event.reason]);
}

const read = () => {
    const { heard, closes, opens, transport } = globalThis.sock;
    return { heard, closes, opens, transport };
};

const inNode = {
    connect: async (url, transport) => connect([url, transport]),
    send: async frames => globalThis.sock.send(frames),
    close: async () => globalThis.sock.close(),
    read: async () => read(),
};

const inPage = page => ({
    connect: (url, transport) => page.evaluate(connect, [url, transport]),
    send: frames => page.evaluate(what => globalThis.sock.send(what), frames),
    close: () => page.evaluate(() => globalThis.sock.close()),
    read: () => page.evaluate(read),
});

async function hear(on, what, condition) {
    let state;
    await until(what, async () => condition((state = await on.read()))).catch(error => {
        error.message += '; there was: ' + JSON.stringify(state);
        throw error;
    });
    return state;
}

const typed = (state, type) => state.heard.filter(frame => frame.type === type);
const data = state => typed(state, 'message').map(frame => frame.data);

async function occupied(base, channel) {
    const response = await fetch(`${base}/channels?prefix=${channel}`, {
        headers: { 'X-Client-ID': 'my-client-id', 'X-Client-Secret': 'my-client-secret' },
    });
    return (await response.text()).includes(`"${channel}"`);
}

// The token in the first message, both directions in order, much at once, and ends of both kinds.
async function talk(on, base, transport) {
    const channel = `sock.${transport}`;
    const grant = await token(base, ['sock.*']);
    await on.connect(base + ENDPOINT, transport);
    const state = await hear(on, 'open', one => one.opens === 1 || one.closes.length > 0);
    assert.deepEqual([state.opens, state.transport, state.closes], [1, transport, []]);
    await on.send([
        { type: 'auth', token: grant },
        { type: 'subscribe', channels: [channel], ref: 'mine' },
    ]);
    await hear(on, 'subscribed', one => typed(one, 'subscribed').some(frame => frame.ref === 'mine'));

    await publish(base, channel, TEXT);
    await on.send([{ type: 'publish', channel, data: { echo: TEXT } }]);
    assert.deepEqual(data(await hear(on, 'two messages', one => data(one).length === 2)), [TEXT, { echo: TEXT }]);

    // More than a response may have, so that streams end and are opened again between.
    const expected = [];
    for (let n = 0; n < 60; n++) expected.push({ n, pad: 'x'.repeat(5_000) });
    for (let n = 0; n < 60; n += 20) {
        await Promise.all([
            on.send(expected.slice(n, n + 10).map(one => ({ type: 'publish', channel, data: one }))),
            hear(on, `message ${n + 9}`, one => data(one).length === n + 12),
        ]);
        for (const one of expected.slice(n + 10, n + 20)) await publish(base, channel, one);
    }
    assert.deepEqual(data(await hear(on, '62 messages', one => data(one).length === 62)).slice(2), expected);

    const connection = typed(await on.read(), 'open')[0].connection;
    await disconnect(base, connection);
    const ended = await hear(on, 'the end', one => one.closes.length === 1);
    assert.deepEqual(ended.closes, [[4403, 'the token was revoked, or a publisher ended this']]);

    // A client that goes by itself leaves at once where the server can see it, and soon where it cannot.
    await on.connect(base + ENDPOINT, transport);
    await hear(on, 'open again', one => one.opens === 1);
    await on.send([
        { type: 'auth', token: grant },
        { type: 'subscribe', channels: [`left.${transport}`], ref: 1 },
    ]);
    // Not allowed by the token: refused, and the connection stays.
    const refused = await hear(on, 'a refusal', one => typed(one, 'error').length === 1);
    assert.equal(typed(refused, 'error')[0].code, 'forbidden');
    await on.send([{ type: 'subscribe', channels: [`sock.left-${transport}`], ref: 2 }]);
    await hear(on, 'subscribed again', one => typed(one, 'subscribed').some(frame => frame.ref === 2));
    await until('the channel is occupied', () => occupied(base, `sock.left-${transport}`));
    await on.close();
    await hear(on, 'the end', one => one.closes.length === 1);
    // A script that was asked for cannot be taken back: the server sees its client leave with the page.
    if (transport === 'jsonp-polling') return;
    await until('the channel is empty', async () => !(await occupied(base, `sock.left-${transport}`)));
}

// The page for iframes wants the client from elsewhere: here is the same version that the page has.
const serveScript = page => page.route(/sockjs(\.min)?\.js$/, route => route.fulfill({ path: SCRIPT }));

const scenarios = {};
for (const transport of IN_NODE) {
    scenarios[`sockjs-node-${transport}`] = async base => {
        globalThis.SockJS = require('sockjs-client');
        await talk(inNode, base, transport);
    };
}
for (const transport of [...IN_BROWSER, ...AT_HOME]) {
    scenarios[`sockjs-browser-${transport}`] = base =>
        withPage(async page => {
            await serveScript(page);
            if (AT_HOME.includes(transport)) await page.goto(base + ENDPOINT);
            await page.addScriptTag({ path: SCRIPT });
            await talk(inPage(page), base, transport);
        });
}

export { scenarios };
