// Laravel Echo, which speaks through pusher-js and has names of its own for channels and events.
import assert from 'node:assert/strict';
import { until } from '../support.mjs';
import { fresh } from './world.mjs';

// Runs where Echo runs, and so is complete in itself.
function open([id, room, options]) {
    const heard = [];
    const note = name => data => heard.push([name, data === undefined ? null : JSON.parse(JSON.stringify(data))]);
    const echo = new globalThis.Echo.default({ ...options, Pusher: globalThis.Pusher });
    echo.channel(room).listen('OrderShipped', note('shipped')).listen('.plain', note('plain'));
    echo.private(room).listen('.plain', note('private')).listenForWhisper('typing', note('whisper'));
    echo.encryptedPrivate(room).listen('.plain', note('encrypted'));
    echo.join(room).here(note('here')).joining(note('joining')).leaving(note('leaving')).error(note('error'));
    globalThis.echoes ??= {};
    globalThis.echoes[id] = { echo, heard };
}

const read = id => globalThis.echoes[id].heard;
const whisper = ([id, room, data]) => void globalThis.echoes[id].echo.private(room).whisper('typing', data);
const leave = ([id, room]) => void globalThis.echoes[id].echo.leave(room);
const disconnect = id => void globalThis.echoes[id].echo.disconnect();
const status = id => globalThis.echoes[id].echo.connectionStatus();

async function channels(world, page, transport, broadcaster) {
    const room = fresh('echo');
    const { key } = world.apps.main;
    const start = async user => {
        const { channelAuthorization, ...options } = world.options(transport, user);
        const id = fresh(user);
        await page.run(open, [id, room, { ...options, broadcaster, key, channelAuthorization }]);
        return id;
    };
    const heard = (id, name) => until(`${id} heard ${name}`, async () =>
        (await page.run(read, id)).find(([event]) => event === name)?.[1]);
    const member = user => ({ name: `It is ${user}` });
    const ann = await start('ann');
    assert.deepEqual(await heard(ann, 'here'), [member('ann')]);
    const bob = await start('bob');
    assert.deepEqual((await heard(bob, 'here')).map(one => one.name).sort(), ['It is ann', 'It is bob']);
    assert.deepEqual(await heard(ann, 'joining'), member('bob'));
    // Bob is a member, and so all that he subscribed to before stands.
    await page.run(whisper, [ann, room, { n: 1 }]);
    assert.deepEqual(await heard(bob, 'whisper'), { n: 1 });
    await world.rest.trigger(room, 'App\\Events\\OrderShipped', { order: 7 });
    assert.deepEqual(await heard(bob, 'shipped'), { order: 7 });
    for (const [channel, name] of [[room, 'plain'], [`private-${room}`, 'private'], [`private-encrypted-${room}`, 'encrypted']]) {
        await world.rest.trigger(channel, 'plain', { on: channel });
        for (const id of [ann, bob]) assert.deepEqual(await heard(id, name), { on: channel });
    }
    await page.run(leave, [bob, room]);
    assert.deepEqual(await heard(ann, 'leaving'), member('bob'));
    assert.equal(await page.run(status, ann), 'connected');
    for (const id of [ann, bob]) {
        assert.ok(!(await page.run(read, id)).some(([name]) => name === 'error'));
        await page.run(disconnect, id);
    }
}

export const echo = (place, broadcaster) => async (world, page, transport) => {
    if (place.name === 'Node') globalThis.Echo = await import('laravel-echo');
    await channels(world, page, transport, broadcaster);
};
