// What the checks have in common: the server and its apps, an application, and clients that know how to reach both.
import { randomBytes } from 'node:crypto';
import { Client } from './clients.mjs';
import { Recorder } from './recorder.mjs';

export class World {
    // apps: ids, keys and secrets by name. "main" tells its webhooks to the application; "quick" has short timeouts.
    static async before(app, { base, tlsPort, apps }) {
        const world = new World();
        const { main, quick } = app.use(base, apps, randomBytes(32).toString('base64'));
        return Object.assign(world, { app, base, tlsPort, apps, rest: main, quick, recorder: await Recorder.before(base) });
    }

    // The same for clients that use TLS, and nothing else.
    secure() {
        const ports = { forceTLS: true, wssPort: this.tlsPort, httpsPort: this.tlsPort };
        const options = (...given) => ({ ...this.options(...given), ...ports });
        return Object.assign(Object.create(this), { options });
    }

    // WebSockets go to the server itself, all else through the recorder: another origin than the page's.
    options(transport, user, more = {}) {
        const params = { user, ...more };
        return {
            cluster: 'none',
            forceTLS: false,
            enabledTransports: [transport],
            wsHost: '127.0.0.1',
            wsPort: Number(new URL(this.base).port),
            httpHost: '127.0.0.1',
            httpPort: this.recorder.port,
            channelAuthorization: { transport: 'ajax', endpoint: `${this.app.url}/pusher/auth`, params },
            userAuthentication: { transport: 'ajax', endpoint: `${this.app.url}/pusher/user-auth`, params },
        };
    }

    // A client that is connected. more: what its page tells the application with each question.
    async client(page, transport, user, more) {
        return this.connect(page, this.apps.main, this.options(transport, user, more));
    }

    async connect(page, { key }, options) {
        const client = await Client.open(page, key, options);
        const { transport } = await client.connected();
        if (!options.enabledTransports.includes(transport)) throw new Error(`connected over ${transport}`);
        return client;
    }

    // The answer to a signed GET.
    async get(path, params) {
        const response = await this.rest.get({ path, params });
        return response.json();
    }

    close() {
        this.recorder.close();
        this.app.close();
    }
}

let count = 0;

// A name that no other check uses.
export const fresh = name => `${name}-${++count}`;
