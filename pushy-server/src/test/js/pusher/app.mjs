// An application as it stands behind its users' pages: it serves them, authorizes their subscriptions, signs its users in and is
// told of what happens, all by the official server library.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import Pusher from 'pusher';
import { until } from '../support.mjs';

const require = createRequire(import.meta.url);
const SCRIPTS = {
    '/pusher.js': require.resolve('pusher-js/dist/web/pusher-with-encryption.js'),
    '/echo.js': require.resolve('laravel-echo/iife'),
};
const PAGE = '<!doctype html><title>An application</title><script src=/pusher.js></script><script src=/echo.js></script>';

const body = async request => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
};

function userAuth(library, form, id) {
    const watchlist = form.get('watchlist')?.split(',');
    return library.authenticateUser(form.get('socket_id'), { id, user_info: { name: `It is ${id}` }, watchlist });
}

function channelAuth(library, form, user) {
    const channel = form.get('channel_name');
    const member = channel.startsWith('presence-') && !form.get('member_of_user')
        ? { user_id: user, user_info: { name: `It is ${user}` } }
        : undefined;
    const auth = library.authorizeChannel(form.get('socket_id'), channel, member);
    // A forger has the key, which is public, but not the secret.
    if (form.get('forged')) auth.auth = auth.auth.replace(/:./, found => (found === ':0' ? ':1' : ':0'));
    return auth;
}

export class Application {
    // All events that webhooks told of; each request's body was found valid by the library.
    events = [];
    // What was wrong with the others.
    invalid = [];
    #libraries = {};

    static async start() {
        const app = new Application();
        const server = http.createServer((request, response) =>
            app.#answer(request).then(
                ([status, type, text]) => response.writeHead(status, { 'Content-Type': type }).end(text),
                error => response.writeHead(500).end(String(error)),
            ),
        );
        await new Promise(done => server.listen(0, '127.0.0.1', done));
        app.url = `http://127.0.0.1:${server.address().port}`;
        app.close = () => {
            server.closeAllConnections();
            server.close();
        };
        return app;
    }

    // Where the push server is, and by what names and secrets it knows this application.
    use(base, apps, encryptionMasterKeyBase64) {
        const { hostname: host, port } = new URL(base);
        for (const [name, { id, key, secret }] of Object.entries(apps)) {
            this.#libraries[name] = new Pusher({ appId: id, key, secret, host, port, encryptionMasterKeyBase64 });
        }
        return this.#libraries;
    }

    async #answer(request) {
        const { pathname } = new URL(request.url, this.url);
        if (SCRIPTS[pathname]) return [200, 'text/javascript', readFileSync(SCRIPTS[pathname])];
        if (request.method === 'GET') return [200, 'text/html', PAGE];
        const text = await body(request);
        if (pathname === '/webhooks') return this.#told(request, text);
        const form = new URLSearchParams(text);
        // Who asks would be known from a session; here it says so itself.
        const user = form.get('user');
        if (!user) return [403, 'text/plain', 'who are you?'];
        const library = this.#libraries[form.get('app') ?? 'main'];
        const auth = pathname === '/pusher/user-auth' ? userAuth(library, form, user) : channelAuth(library, form, user);
        return [200, 'application/json', JSON.stringify(auth)];
    }

    #told(request, rawBody) {
        const webhook = this.#libraries.main.webhook({ headers: request.headers, rawBody });
        if (!webhook.isValid()) {
            this.invalid.push({ headers: request.headers, rawBody });
            return [401, 'text/plain', 'invalid'];
        }
        this.events.push(...webhook.getEvents());
        return [200, 'text/plain', 'ok'];
    }

    // The events of a channel, in order, once there are so many.
    async told(channel, count) {
        const all = () => this.events.filter(event => event.channel === channel);
        await until(`${count} webhook events of ${channel}`, () => all().length >= count).catch(error => {
            throw new Error(`${error.message}; there were ${JSON.stringify(all())}, and invalid ${JSON.stringify(this.invalid)}`);
        });
        return all();
    }
}
