// What every transport must carry, wherever the client runs.
import assert from 'node:assert/strict';
import { until } from '../support.mjs';
import { Client, codesOf } from './clients.mjs';
import { fresh } from './world.mjs';

const CACHES = ['cache-', 'private-cache-', 'presence-cache-', 'private-encrypted-cache-'];
const KINDS = ['', 'private-', 'presence-', 'private-encrypted-', ...CACHES];
const DATA = [{ text: 'a "line"\n€ 🎈 <&= \u2028', list: [1, null, true] }, 'plain text', 5, ''];

// All kinds of channels: subscribed to, heard on, and left.
async function kinds(world, page, transport) {
    const room = fresh('room');
    const names = KINDS.map(kind => kind + room);
    const ann = await world.client(page, transport, 'ann');
    for (const name of names) await ann.subscribe(name);
    for (const name of names) {
        const [answer] = await ann.hears(name, 'pusher:subscription_succeeded', 1);
        const alone = { members: { ann: { name: 'It is ann' } }, count: 1, myID: 'ann' };
        if (name.startsWith('presence-')) assert.deepEqual({ ...answer, me: undefined }, { ...alone, me: undefined });
        else assert.deepEqual(answer, {});
    }
    for (const kind of CACHES) assert.deepEqual(await ann.hears(kind + room, 'pusher:cache_miss', 1), [{}]);

    for (const data of DATA) {
        for (const name of names) await world.rest.trigger(name, 'said', data);
    }
    for (const name of names) assert.deepEqual(await ann.hears(name, 'said', DATA.length), DATA, name);

    for (const name of names) await ann.call('unsubscribe', name);
    // Not all transports carry in order what a client sends.
    for (const name of names) {
        await until(`nobody is on ${name}`, async () => !(await world.get(`/channels/${name}`)).occupied);
    }
    await ann.subscribed(`after-${room}`);
    for (const name of names) await world.rest.trigger(name, 'late', 1);
    await world.rest.trigger(`after-${room}`, 'last', 1);
    await ann.hears(`after-${room}`, 'last', 1);
    const notes = await ann.notes();
    assert.deepEqual(notes.frames.filter(frame => frame.event === 'late'), []);
    assert.deepEqual(notes.errors, []);
    assert.equal(notes.ids.length, 1);
    await ann.call('disconnect');
}

// What a client sends to the others of its channel: as it was sent, signed where it has a name, and not to itself.
async function clientEvents(world, page, transport) {
    const room = fresh('talk');
    const ann = await world.client(page, transport, 'ann');
    const bob = await world.client(page, transport, 'bob');
    for (const kind of ['private-', 'presence-', 'private-cache-']) {
        const name = kind + room;
        for (const one of [ann, bob]) await one.subscribed(name);
        const sent = DATA.slice(0, 3);
        for (const [index, data] of sent.entries()) {
            await ann.trigger(name, 'client-typing', data);
            // Requests of its own that are under way at once may overtake each other.
            assert.deepEqual(await bob.hears(name, 'client-typing', index + 1), sent.slice(0, index + 1));
        }
        await bob.trigger(name, 'client-seen', { n: 1 });
        assert.deepEqual(await ann.hears(name, 'client-seen', 1), [{ n: 1 }]);

        const [own, others] = [(await ann.notes()).frames, (await bob.notes()).frames];
        const typing = frame => frame.channel === name && frame.event === 'client-typing';
        assert.deepEqual(own.filter(typing), [], 'they came back to their sender');
        const sender = kind === 'presence-' ? 'ann' : undefined;
        assert.deepEqual(others.filter(typing).map(frame => frame.user_id), [sender, sender, sender]);
    }
    for (const one of [ann, bob]) await one.call('disconnect');
}

// Whom the application did not let in: told so, and nothing else is lost.
async function forged(world, page, transport) {
    const room = fresh('secret');
    const eve = await world.client(page, transport, 'eve', { forged: 1 });
    for (const kind of ['private-', 'presence-', 'private-encrypted-']) {
        await eve.subscribe(kind + room);
        const [error] = await eve.hears(kind + room, 'pusher:subscription_error', 1);
        assert.equal(error.type, 'AuthError');
        assert.equal(error.status, 401);
        await world.rest.trigger(kind + room, 'said', { n: 1 });
    }
    await eve.subscribed(room);
    const notes = await eve.notes();
    assert.deepEqual(notes.frames.filter(frame => frame.event === 'said'), []);
    assert.deepEqual(codesOf(notes), [null, null, null]);
    assert.equal(notes.ids.length, 1);
    await eve.call('disconnect');
}

// A key that no app has: the client says why and stays away.
async function badKey(world, page, transport) {
    const client = await Client.open(page, 'no-such-key', world.options(transport, 'ann'));
    const notes = await client.until('disconnected', all => all.state === 'disconnected');
    assert.ok(!notes.states.includes('connected'), notes.states.join());
    assert.ok(codesOf(notes).includes(4001), JSON.stringify(notes.errors));
}

export const overTls = (world, page, transport) => kinds(world.secure(), page, transport);

export const channels = {
    'S01 S04 S08 S14 P01 K01 X01': ['all kinds of channels', kinds],
    'E01 E02 E03': ['client events', clientEvents],
    S09: ['a forged authorization', forged],
    'C04 H05': ['an unknown key', badKey],
};
