// Members of presence channels, and users who are signed in.
import assert from 'node:assert/strict';
import { until } from '../support.mjs';
import { codesOf } from './clients.mjs';
import { fresh } from './world.mjs';

const only = (frames, event) => frames.filter(frame => frame.event === event).map(frame => frame.data);

// Whether a client still has its first connection. A page that stood still for seconds on a busy machine lost the one that it
// had over HTTP requests, and was a new member then.
async function isUnbroken(client) {
    await client.subscribed(fresh('barrier'));
    return (await client.notes()).ids.length === 1;
}

async function tabs(world, page, transport) {
    for (let left = 3; ; left--) {
        const broken = [];
        try {
            return await twoTabs(world, page, transport, broken);
        } catch (error) {
            if (left === 0 || broken.length === 0) throw error;
        }
    }
}

// One user in two tabs is one member, until the last of them is closed.
async function twoTabs(world, page, transport, broken) {
    const close = async (tab, client) => {
        if (!(await isUnbroken(client))) broken.push(client);
        await tab.close();
    };
    const room = fresh('presence-tabs');
    const connections = async () =>
        (await world.get(`/channels/${room}`, { info: 'subscription_count' })).subscription_count;
    const bob = await world.client(page, 'ws', 'bob');
    assert.deepEqual((await bob.subscribed(room)).members, { bob: { name: 'It is bob' } });

    const first = await page.another();
    const ann = await world.client(first, transport, 'ann');
    const roster = await ann.subscribed(room);
    assert.deepEqual(roster.members, { ann: { name: 'It is ann' }, bob: { name: 'It is bob' } });
    assert.equal(roster.count, 2);
    const second = await page.another();
    const again = await world.client(second, transport, 'ann');
    assert.equal((await again.subscribed(room)).count, 2);
    await close(first, ann);
    await until('the server misses the first tab', async () => (await connections()) === 2);
    assert.deepEqual((await world.get(`/channels/${room}/users`)).users.map(user => user.id).sort(), ['ann', 'bob']);

    await close(second, again);
    await bob.hears(room, 'pusher:member_removed', 1);
    const { frames } = await bob.notes();
    assert.deepEqual(only(frames, 'pusher_internal:member_added'), [{ user_id: 'ann', user_info: { name: 'It is ann' } }]);
    assert.deepEqual(only(frames, 'pusher_internal:member_removed'), [{ user_id: 'ann' }]);
    assert.deepEqual((await world.get(`/channels/${room}/users`)).users, [{ id: 'bob' }]);
}

// The same with clients of one process, which leave in both ways.
async function clientsOfOneUser(world, page) {
    const room = fresh('presence-clients');
    const bob = await world.client(page, 'ws', 'bob');
    await bob.subscribed(room);
    const ann = await world.client(page, 'ws', 'ann');
    const again = await world.client(page, 'ws', 'ann');
    for (const one of [ann, again]) assert.equal((await one.subscribed(room)).count, 2);
    await ann.call('unsubscribe', room);
    await ann.subscribed(fresh('barrier'));
    await world.rest.trigger(room, 'between', 1);
    await again.call('disconnect');
    await bob.hears(room, 'pusher:member_removed', 1);
    const story = (await bob.heard(room)).map(([event]) => event).filter(event => !event.endsWith('_succeeded'));
    assert.deepEqual(story, ['pusher:member_added', 'between', 'pusher:member_removed']);
}

async function signedIn(world, page, user, more) {
    const client = await world.client(page, 'ws', user, more);
    await client.call('signin');
    const channel = `#server-to-user-${user}`;
    await client.until('signed in', notes => notes.frames.some(
        frame => frame.channel === channel && frame.event === 'pusher_internal:subscription_succeeded'));
    return client;
}

// An event for a user reaches all that are signed in as this user, and nobody else.
async function toUser(world, page) {
    const [ann, bob] = [fresh('ann'), fresh('bob')];
    const clients = [await signedIn(world, page, ann), await signedIn(world, page, ann)];
    const other = await signedIn(world, page, bob);
    assert.deepEqual(only((await clients[0].notes()).frames, 'pusher:signin_success').map(data => JSON.parse(data.user_data)),
        [{ id: ann, user_info: { name: `It is ${ann}` } }]);

    await world.rest.sendToUser(ann, 'notice', { n: 1 });
    await world.rest.sendToUser(bob, 'notice', { n: 2 });
    await world.rest.sendToUser('nobody', 'notice', { n: 3 });
    const notices = async client => (await client.until('a notice', notes => notes.user.length > 0)).user;
    for (const client of clients) assert.deepEqual(await notices(client), [{ event: 'notice', data: { n: 1 } }]);
    assert.deepEqual(await notices(other), [{ event: 'notice', data: { n: 2 } }]);
    for (const client of [...clients, other]) await client.call('disconnect');
}

// A signed-in user is a member of presence channels without being named again.
async function memberOfUser(world, page) {
    const [room, ann] = [fresh('presence-user'), fresh('ann')];
    const client = await signedIn(world, page, ann, { member_of_user: 1 });
    const roster = await client.subscribed(room);
    assert.deepEqual(roster.members, { [ann]: { name: `It is ${ann}` } });
    assert.equal(roster.myID, ann);
    await client.call('disconnect');
}

// Who is watched: first as things stand, then as they change.
async function watchlist(world, page) {
    const [ann, bob, cyd] = [fresh('ann'), fresh('bob'), fresh('cyd')];
    const watched = await signedIn(world, page, ann);
    const watcher = await signedIn(world, page, bob, { watchlist: `${ann},${cyd}` });
    const told = async times =>
        (await watcher.until(`${times} changes`, notes => notes.watched.length >= times)).watched;
    assert.deepEqual(await told(2), [['online', [ann]], ['offline', [cyd]]]);
    const late = await signedIn(world, page, cyd);
    assert.deepEqual((await told(3)).slice(2), [['online', [cyd]]]);
    await watched.call('disconnect');
    assert.deepEqual((await told(4)).slice(3), [['offline', [ann]]]);
    for (const client of [watcher, late]) await client.call('disconnect');
}

// More than may be watched: the rest is dropped, and this is said.
async function longWatchlist(world, page) {
    const names = Array.from({ length: 101 }, (_, index) => `friend-${index}`);
    const client = await signedIn(world, page, fresh('ann'), { watchlist: names.join(',') });
    const notes = await client.until('an error', all => all.errors.length > 0 && all.watched.length > 0);
    assert.deepEqual(codesOf(notes), [4302]);
    const [[event, ids]] = notes.watched;
    assert.deepEqual([event, [...ids].sort()], ['offline', names.slice(0, 100).sort()]);
    await client.call('disconnect');
}

// Ends what is signed in as the user, and only that; the clients stay away.
async function terminate(world, page) {
    const [ann, room] = [fresh('ann'), fresh('presence-terminated')];
    const signed = [await signedIn(world, page, ann), await signedIn(world, page, ann)];
    const member = await world.client(page, 'ws', ann);
    await member.subscribed(room);
    const answer = await world.rest.terminateUserConnections(ann);
    assert.deepEqual([answer.status, await answer.json()], [200, {}]);
    for (const client of signed) {
        const notes = await client.until('disconnected', all => all.state === 'disconnected');
        assert.ok(codesOf(notes).includes(4009), JSON.stringify(notes.errors));
    }
    await world.rest.trigger(room, 'still', 1);
    await member.hears(room, 'still', 1);
    const { state, ids } = await member.notes();
    assert.deepEqual([state, ids.length], ['connected', 1]);
    await member.call('disconnect');
}

export const users = {
    'U01 U03 U04 U06': ['signin and sendToUser', toUser],
    P10: ['a member by sign-in', memberOfUser],
    'U07 U08': ['a watchlist', watchlist],
    U09: ['a watchlist that is too long', longWatchlist],
    U10: ['terminate', terminate],
    'P02 P03 P04': ['several connections of a member', clientsOfOneUser],
};

export { tabs };
