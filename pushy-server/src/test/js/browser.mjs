// A real Chromium with an empty profile, and one page of another origin than the server's.
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FLAGS = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];

function executable() {
    for (const name of NAMES) {
        try {
            return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
        } catch {
            // The next one, then.
        }
    }
    throw new Error(`none of ${NAMES.join(', ')} is on the PATH: run bin/check, which installs Chromium where it may`);
}

export const launch = () => chromium.launch({ executablePath: executable(), args: FLAGS });

// Runs a test with a page; whatever the page throws fails it.
export async function withPage(test) {
    const site = http.createServer((request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>A page</title>');
    });
    await new Promise(done => site.listen(0, '127.0.0.1', done));
    const browser = await launch();
    try {
        const page = await browser.newPage();
        const thrown = [];
        page.on('pageerror', error => thrown.push(error));
        await page.goto(`http://127.0.0.1:${site.address().port}/`);
        await test(page);
        if (thrown.length > 0) throw thrown[0];
    } finally {
        await browser.close();
        site.closeAllConnections();
        site.close();
    }
}
