// A browser's own EventSource.
import assert from 'node:assert/strict';
import { withPage } from './browser.mjs';
import { Proxy, disconnect, publish, publishing, randomFrom, token, until } from './support.mjs';

// Opens a stream in the page and keeps all that it dispatches in window.heard.
async function listen(page, url, names = []) {
    await page.evaluate(
        ([address, events]) => {
            window.heard = [];
            window.source = new EventSource(address);
            const hear = event =>
                window.heard.push({
                    type: event.type,
                    id: event.lastEventId,
                    // The browser's own events have no data.
                    json: event.data === undefined ? null : JSON.parse(event.data),
                });
            for (const name of ['open', 'message', 'error', 'pushy:open', 'pushy:gap', 'pushy:error', ...events]) {
                window.source.addEventListener(name, hear);
            }
        },
        [url, names],
    );
}

const heard = page => page.evaluate(() => window.heard);

async function hear(page, what, condition) {
    let all;
    await until(what, async () => condition((all = await heard(page)))).catch(error => {
        error.message += '; heard: ' + JSON.stringify(all);
        throw error;
    });
    return all;
}

const opened = times => all => all.filter(event => event.type === 'pushy:open').length >= times;
const messages = all => all.filter(event => event.json?.channel);
const stream = (base, channels, grant) => `${base}/channels/stream?channels=${channels}&token=${grant}`;

export const scenarios = {
    // Default and named events, text of all kinds, and the two names that would fire the browser's own handlers.
    async 'eventsource-messages'(base) {
        await withPage(async page => {
            await listen(page, stream(base, 'news.*', await token(base, ['news.*'])), ['price']);
            const [hello] = (await hear(page, 'pushy:open', opened(1))).filter(event => event.type === 'pushy:open');
            assert.match(hello.json.connection, /^\d+\.\d+$/);
            assert.deepEqual(hello.json.channels, ['news.*']);
            assert.equal(hello.json.resumed, false);
            assert.notEqual(hello.id, '', 'there was no checkpoint before pushy:open');

            const text = 'a line\nanother\r\nid: x\n\n\u2028 € 🎈 "quoted" \\ </script>';
            const sent = [
                await publish(base, 'news.a', text),
                await publish(base, 'news.b', { bid: 1.5 }, { event: 'price' }),
                await publish(base, 'news.c', 1, { event: 'error' }),
                await publish(base, 'news.d', [null, true], { event: 'open' }),
            ];
            const got = messages(await hear(page, 'four messages', all => messages(all).length >= 4));

            assert.deepEqual(got.map(event => event.type), ['message', 'price', 'message', 'message']);
            assert.deepEqual(got.map(event => event.json.event), [undefined, 'price', 'error', 'open']);
            assert.deepEqual(got.map(event => event.json.data), [text, { bid: 1.5 }, 1, [null, true]]);
            assert.deepEqual(got.map(event => event.json.channel), ['news.a', 'news.b', 'news.c', 'news.d']);
            assert.deepEqual(got.map(event => event.json.id), sent.map(answer => answer.id));
            assert.deepEqual(got.map(event => event.id), sent.map(answer => answer.id));
            const own = (await heard(page)).filter(event => event.json === null).map(event => event.type);
            assert.deepEqual(own, ['open'], 'the handlers of the browser were fired by messages');
        });
    },

    // A stream that breaks before its first message knows where it was: the checkpoint told it.
    async 'eventsource-checkpoint'(base) {
        const proxy = await Proxy.before(base);
        await withPage(async page => {
            await publish(base, 'early.a', 'before');
            await listen(page, stream(proxy.base, 'early.a', await token(base, ['early.a'])));
            await hear(page, 'pushy:open', opened(1));
            proxy.cut();
            await publish(base, 'early.a', 'while away');
            const all = await hear(page, 'a second pushy:open', opened(2));

            assert.match(proxy.heads[1], /\r\nLast-Event-ID: \S+\r\n/i);
            assert.deepEqual(messages(all).map(event => event.json.data), ['while away']);
            assert.equal(all.filter(event => event.type === 'pushy:open')[1].json.resumed, true);
        }).finally(() => proxy.close());
    },

    // Cut at random bytes while messages come: each once, in order, on an exact and a wildcard subscription that overlap.
    async 'eventsource-cuts'(base) {
        const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
        console.log(`SEED=${seed}`);
        const random = randomFrom(seed);
        const proxy = await Proxy.before(base);
        await withPage(async page => {
            await listen(page, stream(proxy.base, 'cut.a,cut.*', await token(base, ['cut.*'])));
            await hear(page, 'pushy:open', opened(1));
            const stop = publishing(base, 'cut', random);
            for (let cuts = 1; cuts <= 4; cuts++) {
                await proxy.cutAfter(1 + random(20_000));
                await hear(page, `pushy:open after cut ${cuts}`, opened(cuts + 1));
            }
            const sent = await stop();
            const all = await hear(page, `message ${sent}`, events => messages(events).at(-1)?.json.data.n === sent);

            assert.deepEqual(all.filter(event => event.type === 'pushy:gap'), []);
            const numbers = messages(all).map(event => event.json.data.n);
            assert.deepEqual(numbers, Array.from({ length: sent }, (_, index) => index + 1));
            console.log(`${sent} messages, each once and in order, over 5 connections`);
        }).finally(() => proxy.close());
    },

    // The server itself ends the stream; the browser comes back by itself.
    async 'eventsource-ended'(base) {
        await withPage(async page => {
            await listen(page, stream(base, 'ended.a', await token(base, ['ended.a'])));
            const [hello] = (await hear(page, 'pushy:open', opened(1))).filter(event => event.type === 'pushy:open');
            await publish(base, 'ended.a', 1);
            await hear(page, 'the first message', all => messages(all).length === 1);
            await disconnect(base, hello.json.connection);
            await hear(page, 'the end', all => all.some(event => event.type === 'error'));
            await publish(base, 'ended.a', 2);
            await publish(base, 'ended.a', 3);
            await hear(page, 'a second pushy:open', opened(2));
            await publish(base, 'ended.a', 4);
            const all = await hear(page, 'message 4', events => messages(events).at(-1)?.json.data === 4);

            assert.deepEqual(messages(all).map(event => event.json.data), [1, 2, 3, 4]);
        });
    },

    // A cursor that nobody knows is no error: the loss is announced.
    async 'eventsource-gap'(base) {
        await withPage(async page => {
            await publish(base, 'gap.a', 'retained');
            await listen(page, stream(base, 'gap.a', await token(base, ['gap.a'])) + '&last_event_id=from-elsewhere');
            const all = await hear(page, 'pushy:open', opened(1));

            const story = all.filter(event => event.json).map(event => event.type);
            assert.deepEqual(story, ['pushy:gap', 'message', 'pushy:open']);
            const gap = all.find(event => event.type === 'pushy:gap');
            assert.deepEqual(gap.json, { channels: ['gap.a'], reason: 'reset' });
            assert.equal(gap.id, '', 'the gap came after a cursor that covers it');
        });
    },

    // Real errors end the EventSource for good, with no second try.
    async 'eventsource-refused'(base) {
        const proxy = await Proxy.before(base);
        await withPage(async page => {
            const grant = await token(base, ['mine.*']);
            for (const url of [stream(proxy.base, 'mine.a', 'made-up'), stream(proxy.base, 'yours.a', grant)]) {
                await listen(page, url);
                await hear(page, 'an error', all => all.some(event => event.type === 'error'));
                assert.equal(await page.evaluate(() => window.source.readyState), 2);
            }
            assert.equal(proxy.heads.length, 2);
        }).finally(() => proxy.close());
    },
};
