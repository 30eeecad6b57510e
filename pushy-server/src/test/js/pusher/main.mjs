// node pusher/main.mjs: says where its application takes webhooks, reads where the server is, and runs all checks of JavaScript
// clients against it. What it reads is {"base": URL, "apps": {NAME: {"id", "key", "secret"}}} in one line; when it says
// {"restart": true} it reads another line as soon as the server is back at the same place.
import readline from 'node:readline';
import { launch } from '../browser.mjs';
import { run, say } from '../checks.mjs';
import { Application } from './app.mjs';
import { channels } from './channels.mjs';
import { chromium, node } from './clients.mjs';
import { echo } from './echo.mjs';
import { closed, fallbacks, preflight, silent } from './fallbacks.mjs';
import { liveness, restarts } from './liveness.mjs';
import { native } from './native.mjs';
import { tabs, users } from './presence.mjs';
import { rest } from './rest.mjs';
import { World } from './world.mjs';

const application = await Application.start();
say({ webhooks: `${application.url}/webhooks` });
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;
const { base, apps } = JSON.parse(await next());
const world = await World.before(application, base, apps);
const browser = await launch();
const inChromium = chromium(browser, application.url);
const places = [
    [inChromium, ['ws', 'xhr_streaming', 'xhr_polling', 'sockjs']],
    [node, ['ws', 'xhr_streaming', 'xhr_polling']],
];

const checks = {};

function add(place, rows, what, steps, transport) {
    checks[`${rows}: ${what}, ${place.name}${transport ? ` over ${transport}` : ''}`] = async () => {
        const page = await place.open(transport);
        try {
            await steps(world, page, transport);
        } finally {
            await page.close();
        }
    };
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
}
add(inChromium, 'H06', 'a page of another origin', preflight);
add(inChromium, 'Origin', 'a page that the app is not for', closed);
for (const transport of ['ws', 'xhr_streaming']) {
    add(inChromium, 'Echo', 'Laravel Echo as "pusher"', echo(inChromium, 'pusher'), transport);
}
add(node, 'Echo', 'Laravel Echo as "reverb"', echo(node, 'reverb'), 'ws');

let restart;
const restarted = ready =>
    (restart ??= Promise.all(ready).then(() => {
        say({ restart: true });
        return next();
    }));

await run([checks, restarts(world, places, restarted)], 8);
await browser.close();
process.exit(0);
