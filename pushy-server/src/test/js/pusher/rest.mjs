// The server library: all that it can ask, what channels keep and count, and what webhooks tell it.
import assert from 'node:assert/strict';
import { until } from '../support.mjs';
import { codesOf } from './clients.mjs';
import { fresh } from './world.mjs';

// Milliseconds: a member that is back before 2.5 s has never been away.
const WITHIN_GRACE = 2_000;

const answerOf = async call => {
    const response = await call;
    assert.equal(response.status, 200);
    return response.json();
};

const refusal = async (status, call) => {
    await assert.rejects(call, error => {
        assert.equal(error.status, status, error.body);
        return true;
    });
};

// Up to a hundred channels at once, not back to the one who caused it, with counts on demand.
async function trigger(world, page) {
    const [room, lobby] = [fresh('room'), fresh('presence-lobby')];
    const ann = await world.client(page, 'ws', 'ann');
    const bob = await world.client(page, 'ws', 'bob');
    for (const one of [ann, bob]) {
        await one.subscribed(room);
        await one.subscribed(lobby);
    }
    assert.deepEqual(await answerOf(world.rest.trigger(room, 'plain', 1)), {});
    const counts = await answerOf(
        world.rest.trigger([room, lobby, fresh('empty')], 'counted', 2, { info: 'user_count,subscription_count' }));
    assert.deepEqual(counts.channels[room], { subscription_count: 2 });
    assert.equal(counts.channels[lobby].user_count, 2);

    const { socket } = await ann.notes();
    await world.rest.trigger([room, lobby], 'hidden', 3, { socket_id: socket });
    await world.rest.trigger([room, lobby], 'last', 4);
    for (const channel of [room, lobby]) {
        for (const one of [ann, bob]) await one.hears(channel, 'last', 1);
        const events = async client => (await client.heard(channel)).map(([event]) => event);
        assert.ok(!(await events(ann)).includes('hidden'));
        assert.ok((await events(bob)).includes('hidden'));
    }
    const many = Array.from({ length: 99 }, (_, index) => `many-${index}`);
    assert.deepEqual(await answerOf(world.rest.trigger([...many, room], 'hundred', 5)), {});
    await bob.hears(room, 'hundred', 1);
    await refusal(413, world.rest.trigger(room, 'large', 'é'.repeat(5_121)));
    assert.deepEqual(await answerOf(world.rest.trigger(room, 'full', 'é'.repeat(5_120))), {});
    assert.deepEqual(await answerOf(world.rest.trigger(room, 'nothing', '')), {});
    assert.deepEqual(await bob.hears(room, 'nothing', 1), ['']);
    for (const one of [ann, bob]) await one.call('disconnect');
}

async function batch(world, page) {
    const rooms = [fresh('batch'), fresh('private-encrypted-batch')];
    const ann = await world.client(page, 'ws', 'ann');
    for (const room of rooms) await ann.subscribed(room);
    const event = n => ({ channel: rooms[n % 2], name: 'numbered', data: { n } });
    const events = info => Array.from({ length: 10 }, (_, n) => ({ ...event(n), ...info }));
    assert.deepEqual(await answerOf(world.rest.triggerBatch(events())), {});
    for (const [odd, room] of rooms.entries()) {
        const numbers = (await ann.hears(room, 'numbered', 5)).map(data => data.n);
        assert.deepEqual(numbers, [0, 2, 4, 6, 8].map(n => n + odd));
    }
    const { batch: counts } = await answerOf(world.rest.triggerBatch(events({ info: 'subscription_count' })));
    assert.deepEqual(counts, Array.from({ length: 10 }, () => ({ subscription_count: 1 })));
    for (const room of rooms) await ann.hears(room, 'numbered', 10);

    await refusal(400, world.rest.triggerBatch([...events(), ...events()]));
    await refusal(400, world.rest.triggerBatch([...events().slice(1), { channel: rooms[0], name: 'n'.repeat(201), data: '1' }]));
    await world.rest.trigger(rooms[0], 'last', 1);
    await ann.hears(rooms[0], 'last', 1);
    assert.equal((await ann.heard(rooms[0])).filter(([event]) => event === 'numbered').length, 10);
    await ann.call('disconnect');
}

async function questions(world, page) {
    const [lobby, vacant] = [fresh('presence-asked'), fresh('vacant')];
    const ann = await world.client(page, 'ws', 'ann');
    const bob = await world.client(page, 'ws', 'bob');
    for (const one of [ann, bob]) await one.subscribed(lobby);
    const params = { filter_by_prefix: lobby, info: 'user_count' };
    assert.deepEqual(await world.get('/channels', params), { channels: { [lobby]: { user_count: 2 } } });
    assert.deepEqual(await world.get('/channels', { filter_by_prefix: vacant }), { channels: {} });
    await refusal(400, world.rest.get({ path: '/channels', params: { info: 'user_count' } }));
    assert.deepEqual(await world.get(`/channels/${lobby}`, { info: 'user_count,subscription_count' }),
        { occupied: true, user_count: 2, subscription_count: 2 });
    assert.deepEqual(await world.get(`/channels/${vacant}`), { occupied: false });
    const { users } = await world.get(`/channels/${lobby}/users`);
    assert.deepEqual(users.map(user => user.id).sort(), ['ann', 'bob']);
    await refusal(400, world.rest.get({ path: `/channels/${vacant}/users` }));
    await refusal(400, world.rest.get({ path: `/channels/${vacant}`, params: { info: 'user_count' } }));
    for (const one of [ann, bob]) await one.call('disconnect');
}

// The last event of a cache channel meets who comes late; what clients send does not.
async function caches(world, page) {
    const room = fresh('kept');
    const kinds = ['cache-', 'private-cache-', 'presence-cache-', 'private-encrypted-cache-'];
    const late = await world.client(page, 'ws', 'late');
    for (const kind of kinds) {
        const name = kind + room;
        await world.rest.trigger(name, 'first', { n: 1 });
        await world.rest.trigger(name, 'second', { n: 2 });
        const { cache } = await world.get(`/channels/${name}`, { info: 'cache' });
        assert.equal(typeof cache.data, 'string');
        assert.ok(Number.isInteger(cache.ttl) && cache.ttl > 0);

        await late.subscribed(name);
        assert.deepEqual(await late.hears(name, 'second', 1), [{ n: 2 }]);
        const story = (await late.heard(name)).map(([event]) => event).filter(event => !event.endsWith('_count'));
        assert.deepEqual(story, ['pusher:subscription_succeeded', 'second'], name);
    }
    const name = `private-cache-${room}`;
    const witness = await world.client(page, 'ws', 'witness');
    await witness.subscribed(name);
    await late.trigger(name, 'client-passing', { n: 3 });
    await witness.hears(name, 'client-passing', 1);
    const later = await world.client(page, 'ws', 'later');
    await later.subscribed(name);
    assert.deepEqual(await later.hears(name, 'second', 1), [{ n: 2 }]);
    for (const one of [late, witness, later]) await one.call('disconnect');
}

// What was kept too long ago is as if it had never been.
async function forgotten(world, page) {
    const name = fresh('cache-forgotten');
    await world.quick.trigger(name, 'first', { n: 1 });
    const cache = async () => (await (await world.quick.get({ path: `/channels/${name}`, params: { info: 'cache' } })).json()).cache;
    await until('the event is forgotten', async () => (await cache()) === null);
    const late = await world.connect(page, world.apps.quick, world.options('ws', 'late'));
    await late.subscribed(name);
    assert.deepEqual(await late.hears(name, 'pusher:cache_miss', 1), [{}]);
    assert.deepEqual((await late.heard(name)).map(([event]) => event), ['pusher:subscription_succeeded', 'pusher:cache_miss']);
    await late.call('disconnect');
}

// Many subscribers are not told at each step, but what they are told last is right.
async function crowd(world, page) {
    const room = fresh('crowded');
    const began = Date.now();
    const watcher = await world.client(page, 'ws', 'watcher');
    await watcher.subscribed(room);
    const others = await Promise.all(Array.from({ length: 120 }, () => world.client(page, 'ws', 'other')));
    await Promise.all(others.map(other => other.subscribed(room)));
    const numbers = async () => (await watcher.heard(room))
        .filter(([event]) => event === 'pusher:subscription_count').map(([, data]) => data.subscription_count);
    await until('the number of all', async () => (await numbers()).at(-1) === 121);
    for (const other of others.slice(0, 10)) await other.call('unsubscribe', room);
    await until('the number of those who are left', async () => (await numbers()).at(-1) === 111);
    const often = (await numbers()).filter(number => number > 100).length;
    const seconds = (Date.now() - began) / 1_000;
    assert.ok(often <= seconds / 5 + 2, `more than a hundred were told ${often} times in ${seconds} s`);
    for (const one of [watcher, ...others]) await one.call('disconnect');
}

async function counts(world, page) {
    const [room, lobby] = [fresh('counted'), fresh('presence-counted')];
    const event = 'pusher:subscription_count';
    // A number may be told twice: whoever joins while it is told has to hear it too.
    const numbers = async client => (await client.heard(room)).filter(([name]) => name === event)
        .map(([, data]) => data.subscription_count).filter((count, index, all) => count !== all[index - 1]);
    const clients = [];
    const told = expected => until(`the counts ${expected}`, async () =>
        String(await numbers(clients[0])) === String(expected));
    for (const [index, user] of ['ann', 'bob', 'cyd'].entries()) {
        const client = await world.client(page, 'ws', user);
        await client.subscribed(room);
        await client.subscribed(lobby);
        clients.push(client);
        await told([1, 2, 3].slice(0, index + 1));
    }
    const [ann, bob, cyd] = clients;
    await until('the number of all', async () => (await numbers(cyd)).at(-1) === 3);
    await bob.call('disconnect');
    await told([1, 2, 3, 2]);
    const story = (await cyd.heard(room)).map(([name]) => name);
    assert.deepEqual(story.slice(0, 2), ['pusher:subscription_succeeded', event]);
    assert.deepEqual((await ann.heard(lobby)).filter(([name]) => name === event), []);
    for (const one of [ann, cyd]) await one.call('disconnect');
}

// More than a client may send: said so, and only what is too much is lost.
async function rateLimit(world, page) {
    const room = fresh('private-busy');
    const ann = await world.client(page, 'ws', 'ann');
    const bob = await world.client(page, 'ws', 'bob');
    for (const one of [ann, bob]) await one.subscribed(room);
    await Promise.all(Array.from({ length: 40 }, (_, n) => ann.trigger(room, 'client-burst', { n })));
    const notes = await ann.until('an error', all => all.errors.length > 0);
    assert.deepEqual([...new Set(codesOf(notes))], [4301]);
    // As soon as it may again.
    await until('an event after the burst', async () => {
        await ann.trigger(room, 'client-again', {});
        return (await bob.heard(room)).some(([event]) => event === 'client-again');
    });
    const heard = (await bob.hears(room, 'client-burst', 10)).length;
    assert.ok(heard < 40, `all ${heard} came through`);
    assert.equal((await ann.notes()).ids.length, 1);
    for (const one of [ann, bob]) await one.call('disconnect');
}

// Told by webhooks, each found valid by the library.
async function webhooks(world, page) {
    const [lobby, cache] = [fresh('presence-told'), fresh('cache-told')];
    const ann = await world.client(page, 'ws', 'ann');
    const bob = await world.client(page, 'ws', 'bob');
    await ann.subscribed(lobby);
    await world.app.told(lobby, 2);
    await bob.subscribed(lobby);
    await bob.trigger(lobby, 'client-waves', { to: 'ann' });
    await ann.hears(lobby, 'client-waves', 1);
    await world.app.told(lobby, 4);
    // A return within the grace is no news. Where a busy machine lets it take longer, all is played again.
    const left = Date.now();
    await bob.call('unsubscribe', lobby);
    await bob.subscribed(lobby);
    if (Date.now() - left > WITHIN_GRACE) {
        for (const one of [ann, bob]) await one.call('disconnect');
        return webhooks(world, page);
    }
    const { socket } = await bob.notes();
    await ann.call('disconnect');
    await world.app.told(lobby, 5);
    await bob.call('disconnect');
    const of = name => ({ name, channel: lobby });
    assert.deepEqual(await world.app.told(lobby, 7), [
        of('channel_occupied'),
        { ...of('member_added'), user_id: 'ann' },
        { ...of('member_added'), user_id: 'bob' },
        { ...of('client_event'), event: 'client-waves', data: '{"to":"ann"}', socket_id: socket, user_id: 'bob' },
        { ...of('member_removed'), user_id: 'ann' },
        { ...of('member_removed'), user_id: 'bob' },
        of('channel_vacated'),
    ]);

    const cyd = await world.client(page, 'ws', 'cyd');
    await cyd.subscribed(cache);
    const misses = (await world.app.told(cache, 2)).map(event => event.name).filter(name => name !== 'subscription_count');
    assert.deepEqual(misses.sort(), ['cache_miss', 'channel_occupied']);
    assert.deepEqual(world.app.invalid, []);
    await cyd.call('disconnect');
}

export const rest = {
    'R07 R08 R10 R11 S14': ['trigger', trigger],
    'R12 R13 X01': ['batch', batch],
    'R14 R15 R16 R18 R19': ['questions about channels', questions],
    'K02 K05 K06 R17': ['cache channels', caches],
    K04: ['a cache channel whose event is old', forgotten],
    'N01 N02': ['subscription counts', counts],
    N03: ['subscription counts of many', crowd],
    E05: ['too many client events', rateLimit],
    'W01 W02 W03 W05': ['webhooks', webhooks],
};
