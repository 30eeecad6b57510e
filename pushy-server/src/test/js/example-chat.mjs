// node example-chat.mjs URL: two pages of the example "pusher-chat", whose users talk to each other.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { launch } from './browser.mjs';
import { until } from './support.mjs';

const [url] = process.argv.slice(2);
const browser = await launch();
const thrown = [];

async function enter(user) {
    const context = await browser.newContext();
    // What the page loads from Pusher's servers is the same file in the package.
    await context.route('https://js.pusher.com/*/pusher.min.js', route =>
        route.fulfill({ path: createRequire(import.meta.url).resolve('pusher-js/dist/web/pusher.min.js') }),
    );
    const page = await context.newPage();
    page.on('pageerror', error => thrown.push(error));
    await page.goto(url);
    await page.fill('#user', user);
    await page.click('#enter button');
    const lines = () => page.locator('#said li').allTextContents();
    return {
        here: names => until(`${user} sees ${names}`, async () => (await page.textContent('#here')) === names),
        async say(text) {
            await page.fill('#text', text);
            await page.click('#say button');
        },
        async hears(...all) {
            await until(`${user} hears ${all}`, async () => (await lines()).length >= all.length);
            assert.deepEqual(await lines(), all);
        },
        close: () => context.close(),
    };
}

try {
    const ann = await enter('ann');
    await ann.here('ann');
    const bob = await enter('bob');
    for (const one of [ann, bob]) await one.here('ann, bob');
    await ann.say('hello <b>');
    for (const one of [ann, bob]) await one.hears('ann: hello <b>');
    await bob.say('and you?');
    for (const one of [ann, bob]) await one.hears('ann: hello <b>', 'bob: and you?');
    await bob.close();
    await ann.here('ann');
    assert.deepEqual(thrown, []);
} finally {
    await browser.close();
}
