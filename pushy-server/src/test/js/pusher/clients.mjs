// Real pusher-js clients, in pages of a Chromium or in Node, treated alike.
import { createRequire } from 'node:module';
import { until } from '../support.mjs';

// Runs where the clients run, and so is complete in itself. Notes all that a client tells.
function install() {
    const plain = value => {
        try {
            return JSON.parse(JSON.stringify(value ?? null));
        } catch {
            return String(value);
        }
    };
    globalThis.clients ??= {};
    globalThis.openClient = (id, key, options) => {
        const client = { states: [], ids: [], errors: [], frames: [], heard: [], user: [], watched: [] };
        const pusher = new globalThis.Pusher(key, options);
        const { connection } = pusher;
        connection.bind('state_change', change => client.states.push(change.current));
        connection.bind('connected', () => client.ids.push(connection.socket_id));
        connection.bind('error', error => client.errors.push(plain(error)));
        connection.bind('message', frame => client.frames.push(plain(frame)));
        pusher.user.bind_global((event, data) => client.user.push({ event, data: plain(data) }));
        for (const name of ['online', 'offline']) {
            pusher.user.watchlist.bind(name, event => client.watched.push([name, plain(event.user_ids)]));
        }
        client.subscribe = name => {
            const before = pusher.channel(name);
            const channel = pusher.subscribe(name);
            if (before === channel) return;
            channel.bind_global((event, data) => client.heard.push({ channel: name, event, data: plain(data) }));
        };
        client.pusher = pusher;
        globalThis.clients[id] = client;
    };
    globalThis.readClient = id => {
        const { pusher, subscribe, ...notes } = globalThis.clients[id];
        const { state, connection } = pusher.connection;
        return plain({ ...notes, state, transport: connection?.transport?.name, socket: pusher.connection.socket_id });
    };
}

// Node itself.
export const node = {
    name: 'Node',
    async open() {
        // The server's certificate is its own.
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
        globalThis.Pusher ??= createRequire(import.meta.url)('pusher-js');
        install();
        return { run: async (what, given) => what(given), close: async () => {} };
    },
};

// A page of the Chromium; whatever the page throws is told when it is closed.
export async function openPage(context, url) {
    const page = await context.newPage();
    const thrown = [];
    page.on('pageerror', error => thrown.push(error));
    await page.goto(url);
    await page.evaluate(install);
    return {
        run: (what, given) => page.evaluate(what, given),
        async close() {
            await page.close();
            if (thrown.length > 0) throw thrown[0];
        },
    };
}

// without: the end of paths that pages do not get to.
export const chromium = (browser, url, without) => ({
    name: without ? `Chromium without ${without}` : 'Chromium',
    async open(transport) {
        // The server's certificate is its own.
        const context = await browser.newContext({ ignoreHTTPSErrors: true });
        if (transport === 'sockjs') {
            // The one script that pusher-js asks its maker's servers for: the same file, from the same package. Not for
            // others, whose requests would no longer be sent as Chromium sends them.
            await context.route(/^https?:\/\/js\.pusher\.com\/[^/]+\/sockjs\.js$/, route =>
                route.fulfill({ path: createRequire(import.meta.url).resolve('pusher-js/dist/web/sockjs.js') }),
            );
        }
        if (without) await context.route(`**/${without}`, route => route.abort());
        const page = await openPage(context, url);
        return {
            ...page,
            another: () => openPage(context, url),
            async close() {
                await page.close().finally(() => context.close());
            },
        };
    },
});

// The codes of the errors that a client noted; those before it was connected are wrapped in another.
export const codesOf = notes => notes.errors.map(error => (error.data ?? error.error?.data)?.code);

let count = 0;

// One client of a page, by what can be said to it and what it has noted.
export class Client {
    #page;
    #id = `client-${++count}`;

    constructor(page) {
        this.#page = page;
    }

    static async open(page, key, options) {
        const client = new Client(page);
        await page.run(([id, name, more]) => globalThis.openClient(id, name, more), [client.#id, key, options]);
        return client;
    }

    // Calls a method of the Pusher object.
    call(method, ...given) {
        return this.#page.run(
            ([id, what, args]) => void globalThis.clients[id].pusher[what](...args),
            [this.#id, method, given],
        );
    }

    subscribe(channel) {
        return this.#page.run(([id, name]) => globalThis.clients[id].subscribe(name), [this.#id, channel]);
    }

    // Sends an event of its own to the others of a channel.
    trigger(channel, event, data) {
        return this.#page.run(
            ([id, name, what, value]) => void globalThis.clients[id].pusher.channel(name).trigger(what, value),
            [this.#id, channel, event, data],
        );
    }

    notes() {
        return this.#page.run(id => globalThis.readClient(id), this.#id);
    }

    // The notes once they are like this.
    async until(what, condition) {
        let notes;
        await until(what, async () => condition((notes = await this.notes()))).catch(error => {
            throw new Error(`${error.message}; there was: ${JSON.stringify(notes).slice(0, 4_000)}`);
        });
        return notes;
    }

    connected() {
        return this.until('connected', notes => notes.state === 'connected');
    }

    // What the server told with the subscription.
    async subscribed(channel) {
        await this.subscribe(channel);
        const event = 'pusher:subscription_succeeded';
        return (await this.hears(channel, event, 1))[0];
    }

    // The data of so many events of this name.
    async hears(channel, event, times) {
        const of = notes => notes.heard.filter(one => one.channel === channel && one.event === event);
        const notes = await this.until(`${event} on ${channel}, ${times} times`, all => of(all).length >= times);
        return of(notes).map(one => one.data);
    }

    // The last that was heard on any channel.
    last() {
        return this.#page.run(id => globalThis.clients[id].heard.at(-1), this.#id);
    }

    // Names and data of all that was heard on a channel.
    async heard(channel) {
        return (await this.notes()).heard.filter(one => one.channel === channel).map(({ event, data }) => [event, data]);
    }
}
