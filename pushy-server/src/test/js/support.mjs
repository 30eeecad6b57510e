// What all scenarios share: a publisher, waiting with a deadline, and a proxy that cuts connections.
import net from 'node:net';
import { setTimeout as after } from 'node:timers/promises';

const PATIENCE = 60_000;

const PUBLISHER = {
    'X-Client-ID': 'my-client-id',
    'X-Client-Secret': 'my-client-secret',
    'Content-Type': 'application/json',
};

async function post(url, body) {
    const response = await fetch(url, { method: 'POST', headers: PUBLISHER, body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
}

export const token = async (base, channels, more = {}) =>
    (await post(`${base}/token`, { sub: 'user-1', channels, ...more })).token;

export const publish = (base, channel, data, more = {}) => post(`${base}/publish/${channel}`, { data, ...more });

export const disconnect = (base, connection) => post(`${base}/disconnect`, { connection });

// Asks again and again until the answer is truthy.
export async function until(what, condition) {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
        const answer = await condition();
        if (answer) return answer;
        if (Date.now() > deadline) throw new Error(`not within ${PATIENCE} ms: ${what}`);
        await after(20);
    }
}

// Publishes numbered messages to two channels in turn until it is told to stop, and then a last one; slowly enough that all
// that comes while a browser waits before it reconnects is retained.
export function publishing(base, name, random) {
    let sent = 0;
    let over = false;
    const one = () => publish(base, `${name}.${++sent % 2 ? 'a' : 'b'}`, { n: sent, pad: 'x'.repeat(random(300)) });
    const running = (async () => {
        while (!over) {
            await one();
            await after(5);
        }
        await one();
        return sent;
    })();
    return () => {
        over = true;
        return running;
    };
}

// Numbers that look random and are the same for the same seed (xorshift).
export function randomFrom(seed) {
    let state = seed >>> 0 || 1;
    return below => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) % below;
    };
}

// A TCP proxy before the server. It notes the heads of requests, and can cut what passes at any byte.
export class Proxy {
    heads = [];
    #links = new Set();
    #left = Infinity;
    #afterCut = () => {};

    static async before(base) {
        const proxy = new Proxy();
        const { hostname, port } = new URL(base);
        const server = net.createServer(client => proxy.#link(client, net.connect(port, hostname)));
        await new Promise(done => server.listen(0, '127.0.0.1', done));
        proxy.base = `http://127.0.0.1:${server.address().port}`;
        proxy.close = () => {
            proxy.cut();
            server.close();
        };
        return proxy;
    }

    #link(client, upstream) {
        const link = { client, upstream };
        this.#links.add(link);
        client.on('data', chunk => {
            const text = chunk.toString('latin1');
            if (text.startsWith('GET ')) this.heads.push(text);
            upstream.write(chunk);
        });
        upstream.on('data', chunk => {
            if (chunk.length < this.#left) {
                this.#left -= chunk.length;
                client.write(chunk);
            } else {
                client.write(chunk.subarray(0, this.#left));
                this.#left = Infinity;
                this.cut();
                this.#afterCut();
            }
        });
        for (const [one, other] of [[client, upstream], [upstream, client]]) {
            one.on('error', () => {});
            one.on('close', () => {
                this.#links.delete(link);
                other.destroySoon();
            });
        }
    }

    // Ends every connection now.
    cut() {
        for (const { client, upstream } of this.#links) {
            client.destroySoon();
            upstream.destroy();
        }
    }

    // Ends every connection when so many more bytes have passed to the clients.
    cutAfter(bytes) {
        this.#left = bytes;
        return new Promise(done => (this.#afterCut = done));
    }
}
