// node pusher/main.mjs: says where its application takes webhooks, reads where the server is, and runs all checks of JavaScript
// clients against it. What it reads is {"base": URL, "tlsPort", "apps": {NAME: {"id", "key", "secret"}}} in one line; when it
// says {"restart": true} or {"crash": true} it reads another line as soon as the server is back at the same place.
import readline from 'node:readline';
import { launch } from '../browser.mjs';
import { run, say } from '../checks.mjs';
import { Application } from './app.mjs';
import { channels, overTls } from './channels.mjs';
import { chromium, node } from './clients.mjs';
import { echo } from './echo.mjs';
import { closed, fallbacks, preflight, silent } from './fallbacks.mjs';
import { again, crowd, liveness, together } from './liveness.mjs';
import { native } from './native.mjs';
import { tabs, users } from './presence.mjs';
import { rest } from './rest.mjs';
import { World } from './world.mjs';

const application = await Application.start();
say({ webhooks: `${application.url}/webhooks` });
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;
const world = await World.before(application, JSON.parse(await next()));
const browser = await launch();
const inChromium = chromium(browser, application.url);
// SockJS uses the next best, which is htmlfile. There a browser does not say when the server is gone.
const inChromiumLimited = chromium(browser, application.url, 'eventsource');
const places = [
    [inChromium, ['ws', 'xhr_streaming', 'xhr_polling', 'sockjs']],
    [node, ['ws', 'xhr_streaming', 'xhr_polling']],
];

const named = (rows, what, place, transport) => `${rows}: ${what}, ${place.name}${transport ? ` over ${transport}` : ''}`;

async function visit(place, transport, steps) {
    const page = await place.open(transport);
    try {
        await steps(world, page, transport);
    } finally {
        await page.close();
    }
}

const checks = {};

function add(place, rows, what, steps, transport) {
    checks[named(rows, what, place, transport)] = () => visit(place, transport, steps);
}

// Those that wait longest come first.
add(inChromium, 'H04 X02 (sockjs)', 'an idle connection', silent, 'sockjs');
for (const transport of ['ws', 'xhr_streaming', 'xhr_polling']) {
    add(inChromium, `P02 P03 P04${transport === 'ws' ? '' : ' H07'}`, 'tabs of one user', tabs, transport);
}
for (const [rows, [what, steps]] of Object.entries({ ...rest, ...native })) add(node, rows, what, steps);
for (const [place, transports] of places) {
    for (const [rows, [what, steps]] of Object.entries({ ...liveness, ...users, ...fallbacks })) add(place, rows, what, steps);
    for (const [rows, [what, steps]] of Object.entries(channels)) {
        for (const transport of transports) add(place, rows, what, steps, transport);
    }
    for (const transport of transports) add(place, 'TLS', 'all kinds of channels over TLS', overTls, transport);
}
add(inChromium, 'H06', 'a page of another origin', preflight);
add(inChromium, 'Origin', 'a page that the app is not for', closed);
for (const transport of ['ws', 'xhr_streaming']) {
    add(inChromium, 'Echo', 'Laravel Echo as "pusher"', echo(inChromium, 'pusher'), transport);
}
add(node, 'Echo', 'Laravel Echo as "reverb"', echo(node, 'reverb'), 'ws');

// Clients that are connected when the server goes, and again when it is back. There must be no more of them than run at once.
function around(word, rows, what) {
    const stage = {};
    const gone = together(() => {
        say({ [word]: true });
        return next();
    });
    const stay = (name, place, transport, steps) => {
        stage[name] = gone(back => visit(place, transport, (...given) => steps(...given, back)));
    };
    for (const [place, transports] of places) {
        for (const transport of transports) {
            stay(named(rows, what, place, transport), place, transport, again);
        }
    }
    if (word === 'crash') stay(named(rows, what, inChromiumLimited, 'sockjs'), inChromiumLimited, 'sockjs', again);
    if (word === 'restart') stay('X03: many clients of a server that stops', node, 'ws', crowd);
    return stage;
}

await run([checks, around('restart', 'C19', 'a restart of the server'), around('crash', 'Crash', 'a server that was killed')], 8);
await browser.close();
process.exit(0);
