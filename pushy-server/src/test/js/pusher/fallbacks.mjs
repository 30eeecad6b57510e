// The transports for where WebSockets do not pass, as seen on the wire: requests, answers and what is in them.
import assert from 'node:assert/strict';
import { until } from '../support.mjs';
import { Client, codesOf } from './clients.mjs';
import { Recorder } from './recorder.mjs';
import { fresh } from './world.mjs';

const DATA_LIMIT = 10_240;
// How much pusher-js reads from one stream before it asks for another.
const STREAM_LIMIT = 256 * 1024;

const linesOf = exchange => exchange.answer.split('\n').filter(line => line !== '');

// One client with a recorder of its own.
class Wire {
    static async open(world, page, transport, app, user) {
        const wire = new Wire();
        wire.recorder = await Recorder.before(world.base);
        const options = { ...world.options(transport, user), httpPort: wire.recorder.port };
        wire.client = await world.connect(page, app, options);
        return wire;
    }

    posts(end) {
        return this.recorder.exchanges.filter(one => one.method === 'POST' && one.path.split('?')[0].endsWith(`/${end}`));
    }

    // All receiving requests were of one session, which was opened once.
    assertOneSession(end, key) {
        const received = this.posts(end);
        const session = new RegExp(`^/pusher/app/${key}/\\d+/([0-9a-v]{8})/${end}\\?`);
        for (const one of received) assert.match(one.path, session);
        assert.equal(new Set(received.map(one => session.exec(one.path)[1])).size, 1, 'there were several sessions');
        const opens = received.flatMap(linesOf).filter(line => line.startsWith('o'));
        assert.deepEqual(opens, ['o']);
    }

    async close() {
        await this.client.call('disconnect');
        this.recorder.close();
    }
}

async function streaming(world, page) {
    const { main } = world.apps;
    const wire = await Wire.open(world, page, 'xhr_streaming', main, 'ann');
    const room = fresh('stream');
    await wire.client.subscribed(room);
    for (let n = 1; n <= 5; n++) await world.rest.trigger(room, 'counted', n);
    assert.deepEqual(await wire.client.hears(room, 'counted', 5), [1, 2, 3, 4, 5]);
    wire.assertOneSession('xhr_streaming', main.key);
    const [stream] = wire.posts('xhr_streaming');
    assert.equal(wire.posts('xhr_streaming').length, 1);
    assert.equal(stream.status, 200);
    assert.match(stream.answered['content-type'], /^application\/javascript; charset=utf-8$/i);
    assert.ok(wire.posts('xhr_send').every(one => one.status === undefined || one.status === 204));
    await wire.close();
}

// What happens between two polls comes with the next one, all at once.
async function polling(world, page) {
    const { main } = world.apps;
    const wire = await Wire.open(world, page, 'xhr_polling', main, 'ann');
    const witness = await world.client(page, 'ws', 'bob');
    const room = fresh('poll');
    for (const one of [wire.client, witness]) await one.subscribed(room);
    const release = wire.recorder.hold('/xhr?');
    // Ends the poll that is with the server, if there is one.
    await world.rest.trigger(room, 'counted', 1);
    const held = await until('the next poll', () => wire.posts('xhr').find(one => one.held));
    for (let n = 2; n <= 6; n++) await world.rest.trigger(room, 'counted', n);
    await witness.hears(room, 'counted', 6);
    release();
    assert.deepEqual(await wire.client.hears(room, 'counted', 6), [1, 2, 3, 4, 5, 6]);
    const [first] = linesOf(held);
    assert.match(first, /^a\[/);
    assert.ok(JSON.parse(first.slice(1)).length > 1, `they came one by one: ${first}`);
    assert.deepEqual(linesOf(wire.posts('xhr')[0]), ['o']);
    wire.assertOneSession('xhr', main.key);
    await witness.call('disconnect');
    await wire.close();
}

// After so many bytes the client asks again under the same session, and misses nothing. Nothing is sent while it changes over:
// what is under way to a browser that has just left is lost with any transport of this kind.
async function longStream(world, page) {
    const { main } = world.apps;
    const wire = await Wire.open(world, page, 'xhr_streaming', main, 'ann');
    const room = fresh('long');
    await wire.client.subscribed(room);
    const pad = 'x'.repeat(DATA_LIMIT - 100);
    const all = 45;
    for (let n = 1; n <= all; n++) {
        const stream = wire.posts('xhr_streaming').at(-1);
        await world.rest.trigger(room, 'padded', { n, pad });
        await until(`event ${n}`, async () => (await wire.client.last())?.data.n === n);
        if (stream.answer.length > STREAM_LIMIT) {
            await until('another stream', () => wire.posts('xhr_streaming').some(one => one !== stream && one.status === 200
                && wire.posts('xhr_streaming').indexOf(one) > wire.posts('xhr_streaming').indexOf(stream)));
        }
    }
    const numbers = (await wire.client.hears(room, 'padded', all)).map(data => data.n);
    assert.deepEqual(numbers, Array.from({ length: all }, (_, index) => index + 1));
    assert.equal(wire.posts('xhr_streaming').length, 2);
    wire.assertOneSession('xhr_streaming', main.key);
    assert.equal((await wire.client.notes()).ids.length, 1);
    await wire.close();
}

// Nobody says anything: heartbeats keep both sides sure of each other, and are not answered with heartbeats.
const idle = end => async (world, page) => {
    const { quick } = world.apps;
    const transport = end === 'xhr' ? 'xhr_polling' : 'xhr_streaming';
    const wire = await Wire.open(world, page, transport, quick, 'ann');
    const beats = () => wire.posts(end).flatMap(linesOf).filter(line => line === 'h').length;
    await until('four heartbeats', () => beats() >= 4);
    const sends = wire.posts('xhr_send').filter(one => one.sent === '[]').length;
    const polls = wire.posts(end).length;
    // The client answers each heartbeat of a stream, and asks by itself after each silent second.
    assert.ok(sends <= 4 * beats() + 4, `${sends} sends for ${beats()} heartbeats`);
    assert.ok(polls <= 4 * beats() + 8, `${polls} requests for ${beats()} heartbeats`);
    wire.assertOneSession(end, quick.key);
    const notes = await wire.client.notes();
    assert.equal(notes.state, 'connected');
    assert.equal(notes.ids.length, 1);
    await wire.close();
};

// The page is of another origin, and what it sends is JSON: the browser asks first.
async function preflight(world, page) {
    const wire = await Wire.open(world, page, 'xhr_streaming', world.apps.main, 'ann');
    await wire.client.subscribed(fresh('preflight'));
    const asked = wire.recorder.exchanges.filter(one => one.method === 'OPTIONS');
    for (const end of ['xhr_streaming', 'xhr_send']) {
        const one = asked.find(exchange => exchange.path.split('?')[0].endsWith(`/${end}`));
        assert.ok(one, `the browser did not ask before ${end}`);
        assert.ok([200, 204].includes(one.status), `it was answered ${one.status}`);
        assert.match(one.answered['access-control-allow-methods'], /POST/);
        assert.match(one.answered['access-control-allow-headers'], /content-type/i);
        assert.ok(Number(one.answered['access-control-max-age']) > 0);
    }
    await wire.close();
}

// pusher-js leaves it to SockJS to see that nobody is there, and says nothing itself for longer than anybody else may.
async function silent(world, page) {
    const wire = await Wire.open(world, page, 'sockjs', world.apps.quick, 'ann');
    const beats = () => wire.recorder.exchanges.flatMap(one => one.answer.match(/^(data: )?h$|\("h"\)/gm) ?? []).length;
    await until('five heartbeats', () => beats() >= 5);
    const notes = await wire.client.notes();
    assert.equal(notes.state, 'connected');
    assert.equal(notes.ids.length, 1);
    await wire.close();
}

// A page that the app is not for.
async function closed(world, page) {
    const client = await Client.open(page, world.apps.closed.key, world.options('ws', 'ann'));
    const notes = await client.until('disconnected', all => all.state === 'disconnected');
    assert.ok(codesOf(notes).includes(4009), JSON.stringify(notes.errors));
}

// A session that never was, or is over.
async function unknownSession(world) {
    const url = `${world.base}/pusher/app/${world.apps.main.key}/123/abcdefgh/xhr_send?t=1&n=1`;
    const response = await fetch(url, { method: 'POST', body: '["{}"]', headers: { 'Content-Type': 'application/json' } });
    assert.equal(response.status, 404);
}

export const fallbacks = {
    H01: ['one stream', streaming],
    H02: ['polls', polling],
    H03: ['more than one stream can carry', longStream],
    'H04 (streaming)': ['an idle stream', idle('xhr_streaming')],
    'H04 (polling)': ['idle polls', idle('xhr')],
    H08: ['a send to an unknown session', unknownSession],
};

export { closed, preflight, silent };
