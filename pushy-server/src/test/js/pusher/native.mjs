// Pusher's clients and our own on one channel.
import assert from 'node:assert/strict';
import { until } from '../support.mjs';
import { fresh } from './world.mjs';

// Asks as the publisher, who goes by the names of the app.
async function ask(world, path, more) {
    const { id, secret } = world.apps.main;
    const headers = { 'X-Client-ID': id, 'X-Client-Secret': secret, 'Content-Type': 'application/json' };
    const response = await fetch(world.base + path, { headers, ...more });
    assert.equal(response.status, 200);
    return response.json();
}

const post = (world, path, body) => ask(world, path, { method: 'POST', body: JSON.stringify(body) });

// The messages of an event stream, as they come.
async function stream(world, channel) {
    const messages = [];
    const leave = new AbortController();
    const { token } = await post(world, '/token', { sub: 'user-1', channels: [channel] });
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch(`${world.base}/channels/stream?channels=${channel}`, { headers, signal: leave.signal });
    assert.equal(response.status, 200);
    const read = async () => {
        let text = '';
        for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
            const lines = (text + chunk).split('\n');
            text = lines.pop();
            for (const line of lines.filter(one => one.startsWith('data: '))) messages.push(JSON.parse(line.slice(6)));
        }
    };
    read().catch(error => {
        if (error.name !== 'AbortError') messages.push(error);
    });
    return { messages, close: () => leave.abort() };
}

// What one kind of client is told, the other hears too: the same text, be it JSON or not.
async function shared(world, page) {
    const room = fresh('cache-shared');
    const ann = await world.client(page, 'ws', 'ann');
    await ann.subscribed(room);
    const { messages, close } = await stream(world, room);
    try {
        await until('the stream is open', () => messages.length > 0);
        await world.rest.trigger(room, 'of-pusher', { n: 1 });
        await world.rest.trigger(room, 'of-pusher', 'plain text');
        for (const data of [{ n: 2 }, 'plain text']) await post(world, `/publish/${room}`, { event: 'of-pushy', data });
        assert.deepEqual(await ann.hears(room, 'of-pushy', 2), [{ n: 2 }, 'plain text']);
        assert.deepEqual(await ann.hears(room, 'of-pusher', 2), [{ n: 1 }, 'plain text']);
        const all = await until('four messages', () => {
            const some = messages.filter(one => one.channel === room);
            return some.length === 4 && some;
        });
        assert.deepEqual(all.map(one => [one.event, one.data]), [
            ['of-pusher', { n: 1 }],
            ['of-pusher', 'plain text'],
            ['of-pushy', { n: 2 }],
            ['of-pushy', 'plain text'],
        ]);
        const late = await world.client(page, 'ws', 'late');
        await late.subscribed(room);
        assert.deepEqual(await late.hears(room, 'of-pushy', 1), ['plain text']);
        for (const one of [ann, late]) await one.call('disconnect');
    } finally {
        close();
    }
}

// Who listens to an event stream is a member like any other, and the others are members to the native API.
async function members(world, page) {
    const room = fresh('presence-shared');
    const ann = await world.client(page, 'ws', 'ann');
    await ann.subscribed(room);
    const { close } = await stream(world, room);
    try {
        assert.deepEqual(await ann.hears(room, 'pusher:member_added', 1), [{ id: 'user-1', info: null }]);
        const late = await world.client(page, 'ws', 'late');
        const roster = { ann: { name: 'It is ann' }, late: { name: 'It is late' }, 'user-1': null };
        assert.deepEqual((await late.subscribed(room)).members, roster);
        const { members: told } = await ask(world, `/presence/${room}`);
        assert.deepEqual(Object.fromEntries(told.map(one => [one.subject, one.meta])), roster);
        close();
        assert.deepEqual(await late.hears(room, 'pusher:member_removed', 1), [{ id: 'user-1', info: null }]);
        for (const one of [ann, late]) await one.call('disconnect');
    } finally {
        close();
    }
}

export const native = {
    'K02 (native)': ['a channel with a native client', shared],
    'P02 (native)': ['a member who is a native client', members],
};
