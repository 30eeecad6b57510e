// WebSocket: the same steps in a browser and with the npm package ws, whose classes are alike.
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { withPage } from './browser.mjs';
import { Proxy, publish, publishing, randomFrom, token, until } from './support.mjs';

// Runs in the browser as well as here: needs nothing from around it but WebSocket.
function client(name) {
    const state = { heard: [], closes: [], opens: 0 };
    globalThis[name] = state;
    state.open = (url, protocols) => {
        const socket = new globalThis.WebSocket(url, protocols);
        state.socket = socket;
        socket.onmessage = event => {
            const frame = JSON.parse(event.data);
            state.heard.push(frame);
            // As a client that resumes must: the cursor where there is one, else the id, of all that may move it.
            if (frame.type === 'message' && frame.since === undefined) {
                state.cursor = frame.cursor === undefined ? frame.id : frame.cursor ?? state.cursor;
            } else if (frame.cursor) {
                state.cursor = frame.cursor;
            }
            if (frame.type === 'open') state.opens++;
        };
        socket.onclose = event => {
            state.closes.push(event.code);
            if (state.reconnect) state.reconnect();
        };
        socket.onerror = () => {};
    };
    state.keepOpen = (url, protocols) => {
        state.reconnect = () => setTimeout(() => state.open(url + '&since=' + state.cursor, protocols), 10);
        state.open(url, protocols);
    };
    state.send = frame => state.socket.send(JSON.stringify(frame));
}

// How the steps reach the clients: call(name, method, arguments), read(name) gives what was heard.
async function inPage(page) {
    return {
        make: name => page.evaluate(client, name),
        call: (name, method, ...args) =>
            page.evaluate(([who, what, given]) => void globalThis[who][what](...given), [name, method, args]),
        read: name =>
            page.evaluate(who => {
                const { heard, closes, opens, socket } = globalThis[who];
                return { heard, closes, opens, protocol: socket?.protocol };
            }, name),
    };
}

function inNode() {
    globalThis.WebSocket = WebSocket;
    return {
        make: async name => client(name),
        call: async (name, method, ...args) => void globalThis[name][method](...args),
        read: async name => {
            const { heard, closes, opens, socket } = globalThis[name];
            return { heard, closes, opens, protocol: socket?.protocol };
        },
    };
}

async function hear(on, name, what, condition) {
    let state;
    await until(what, async () => condition((state = await on.read(name)))).catch(error => {
        error.message += '; there was: ' + JSON.stringify(state);
        throw error;
    });
    return state;
}

const ws = (base, query) => base.replace('http', 'ws') + '/channels/ws?' + query;
const typed = (state, type) => state.heard.filter(frame => frame.type === type);

// Two clients that talk: token in the subprotocol, changes of subscriptions, echo, errors.
async function chat(on, base) {
    const grant = await token(base, ['chat.*']);
    for (const name of ['ann', 'bob']) {
        await on.make(name);
        await on.call(name, 'open', ws(base, ''), ['pushy.v1', `bearer.${grant}`]);
        const state = await hear(on, name, 'open', one => one.opens === 1);
        assert.equal(state.protocol, 'pushy.v1');
        assert.match(typed(state, 'open')[0].connection, /^\d+\.\d+$/);
    }
    await on.call('ann', 'send', { type: 'subscribe', channels: ['chat.*'], ref: 1 });
    await on.call('bob', 'send', { type: 'subscribe', channels: ['chat.1', 'chat.*'], ref: 'b' });
    assert.equal(typed(await hear(on, 'ann', 'subscribed', one => typed(one, 'subscribed').length), 'subscribed')[0].ref, 1);
    assert.equal(typed(await hear(on, 'bob', 'subscribed', one => typed(one, 'subscribed').length), 'subscribed')[0].ref, 'b');

    const data = { text: 'héllo 🎈' };
    await on.call('ann', 'send', { type: 'publish', channel: 'chat.1', event: 'said', data, ref: 2 });
    await on.call('ann', 'send', { type: 'publish', channel: 'chat.1', data: 'quietly', echo: false, ref: 3 });
    await on.call('ann', 'send', { type: 'publish', channel: 'chat.2', data: 'last', ref: 4 });
    const bob = await hear(on, 'bob', 'three messages', one => typed(one, 'message').length === 3);
    const ann = await hear(on, 'ann', 'what ann said', one => typed(one, 'published').length === 3
        && typed(one, 'message').length === 2);
    assert.deepEqual(typed(bob, 'message').map(frame => frame.data), [data, 'quietly', 'last']);
    assert.equal(typed(bob, 'message')[0].event, 'said');
    assert.deepEqual(typed(ann, 'message').map(frame => frame.data), [data, 'last']);
    assert.deepEqual(typed(ann, 'published').map(frame => frame.id), typed(bob, 'message').map(frame => frame.id));

    await on.call('bob', 'send', { type: 'unsubscribe', channels: ['chat.1', 'chat.*'], ref: 5 });
    await hear(on, 'bob', 'unsubscribed', one => typed(one, 'unsubscribed').length);
    await on.call('bob', 'send', { type: 'publish', channel: 'other', data: 1, ref: 6 });
    await on.call('bob', 'send', { type: 'ping' });
    const end = await hear(on, 'bob', 'pong', one => typed(one, 'pong').length);
    assert.deepEqual(typed(end, 'error').map(frame => [frame.code, frame.ref]), [['forbidden', 6]]);
    assert.deepEqual(end.closes, []);
}

// Cut at random bytes while messages come; the client comes back with its cursor.
async function cuts(on, base) {
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    console.log(`SEED=${seed}`);
    const random = randomFrom(seed);
    const proxy = await Proxy.before(base);
    try {
        const grant = await token(base, ['line.**']);
        await on.make('reader');
        await on.call('reader', 'keepOpen', ws(proxy.base, 'channels=line.a,line.*'), ['pushy.v1', `bearer.${grant}`]);
        await hear(on, 'reader', 'open', one => one.opens === 1);
        const stop = publishing(base, 'line', random);
        for (let cut = 1; cut <= 10; cut++) {
            await proxy.cutAfter(1 + random(20_000));
            await hear(on, 'reader', `cut ${cut}`, one => one.closes.length >= cut);
        }
        const sent = await stop();
        const state = await hear(on, 'reader', `message ${sent}`, one => typed(one, 'message').at(-1)?.data.n === sent);

        assert.deepEqual(typed(state, 'gap'), []);
        const numbers = typed(state, 'message').map(frame => frame.data.n);
        assert.deepEqual(numbers, Array.from({ length: sent }, (_, index) => index + 1));
        assert.ok(state.closes.every(code => code === 1006), `closes: ${state.closes}`);
        console.log(`${sent} messages, each once and in order, over ${state.opens} connections`);
    } finally {
        proxy.close();
    }
}

// An upgrade is never refused; the error comes as a frame, and its kind as the close code.
async function refusals(on, base) {
    const grant = await token(base, ['mine.*']);
    const cases = [
        ['stranger', ws(base, 'channels=mine.a&token=made-up'), 'unauthorized', 4401],
        ['thief', ws(base, `channels=yours.a&token=${grant}`), 'forbidden', 4403],
        ['clumsy', ws(base, `channels=new*&token=${grant}`), 'invalid_channel', 4400],
    ];
    for (const [name, url, code, close] of cases) {
        await on.make(name);
        await on.call(name, 'open', url);
        const state = await hear(on, name, 'the end', one => one.closes.length === 1);
        assert.deepEqual(state.closes, [close], name);
        assert.deepEqual(typed(state, 'error').map(frame => frame.code), [code], name);
    }
}

const inBrowser = steps => base => withPage(async page => steps(await inPage(page), base));
const withWs = steps => base => steps(inNode(), base);

export const scenarios = {
    'browser-websocket-chat': inBrowser(chat),
    'browser-websocket-cuts': inBrowser(cuts),
    'browser-websocket-refusals': inBrowser(refusals),
    'ws-chat': withWs(chat),
    'ws-cuts': withWs(cuts),
    'ws-refusals': withWs(refusals),

    // The server pings; ws answers by itself, and the connection stays.
    async 'ws-pings'(base) {
        const socket = new WebSocket(ws(base, 'channels=ping.a&token=' + (await token(base, ['ping.a']))));
        let pings = 0;
        let closed = false;
        socket.on('ping', () => pings++);
        socket.on('close', () => (closed = true));
        await until('three pings', () => pings >= 3);
        assert.equal(closed, false);
        socket.terminate();
    },

    // ws offers permessage-deflate; this server agrees to it.
    async 'ws-deflate'(base) {
        const socket = new WebSocket(ws(base, 'channels=zip.a&token=' + (await token(base, ['zip.a']))));
        const heard = [];
        socket.on('message', data => heard.push(JSON.parse(data)));
        await until('open', () => heard.some(frame => frame.type === 'open'));
        assert.match(socket.extensions, /^permessage-deflate/);
        const data = 'abc '.repeat(10_000);
        for (let n = 0; n < 3; n++) await publish(base, 'zip.a', data);
        socket.send(JSON.stringify({ type: 'publish', channel: 'zip.a', data }));
        const got = await until('four messages', () => {
            const all = heard.filter(frame => frame.type === 'message');
            return all.length === 4 && all;
        });
        assert.deepEqual(got.map(frame => frame.data), [data, data, data, data]);
        socket.terminate();
    },
};
