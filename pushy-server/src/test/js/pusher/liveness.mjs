// Connections on which nothing happens, and servers that go and come back.
import assert from 'node:assert/strict';
import { codesOf } from './clients.mjs';
import { fresh } from './world.mjs';

// The client asks whether the server is there after each silent second, and is answered.
async function idle(world, page) {
    const client = await world.connect(page, world.apps.quick, world.options('ws', 'ann'));
    const pongs = notes => notes.frames.filter(frame => frame.event === 'pusher:pong').length;
    const notes = await client.until('five answers', all => pongs(all) >= 5);
    assert.equal(notes.ids.length, 1);
    assert.deepEqual(notes.errors, []);
    await client.call('disconnect');
}

// Whom nobody vouches for is sent away; a subscription that needed authorization is enough.
async function unauthorized(world, page) {
    const options = world.options('ws', 'ann', { app: 'strict' });
    const stranger = await world.connect(page, world.apps.strict, options);
    const member = await world.connect(page, world.apps.strict, options);
    await member.subscribed(fresh('private-members'));
    const notes = await stranger.until('disconnected', all => all.state === 'disconnected');
    assert.ok(codesOf(notes).includes(4009), JSON.stringify(notes.errors));
    // Had it been sent away too, it would have been told before one who came later.
    const later = await world.connect(page, world.apps.strict, options);
    await later.until('disconnected', all => all.state === 'disconnected');
    assert.equal((await member.notes()).state, 'connected');
    await member.call('disconnect');
}

export const liveness = {
    'C11 X02': ['an idle connection', idle],
    U11: ['connections without authorization', unauthorized],
};

// For checks that all begin at once and then wait for one thing, which is begun when all of them have come to it: each is
// given a function that says so and waits.
export function together(begin) {
    const comings = [];
    let over;
    return check => () => {
        let come;
        comings.push(new Promise(done => (come = done)));
        return check(() => {
            come();
            return (over ??= Promise.all(comings).then(begin));
        }).finally(come);
    };
}

// Afterwards each client is a subscriber and a member again.
export async function again(world, page, transport, restarted) {
    const rooms = ['', 'private-', 'presence-', 'private-encrypted-'].map(kind => fresh(`${kind}again`));
    const client = await world.client(page, transport, 'ann');
    for (const room of rooms) await client.subscribed(room);
    await restarted();
    for (const room of rooms) {
        await client.hears(room, 'pusher:subscription_succeeded', 2);
        await world.rest.trigger(room, 'back', { n: 1 });
        assert.deepEqual(await client.hears(room, 'back', 1), [{ n: 1 }]);
    }
    const { ids } = await client.notes();
    assert.equal(new Set(ids).size, 2, `socket ids: ${ids}`);
    await client.call('disconnect');
}

// Who is sent away comes back at once, and if there is nobody to take it, after a while each time.
export async function crowd(world, page, transport, restarted) {
    const clients = await Promise.all(Array.from({ length: 50 }, () => world.client(page, transport, 'ann')));
    await restarted();
    for (const client of clients) {
        const notes = await client.until('connected again', all => all.ids.length > 1 && all.state === 'connected');
        // pusher-js tells up to three times of one such end, and twice of each try that is refused.
        const atOnce = codesOf(notes).filter(code => code === 4200).length;
        assert.ok(atOnce >= 1 && atOnce <= 3, `there were ${codesOf(notes).join()}`);
        await client.call('disconnect');
    }
}
