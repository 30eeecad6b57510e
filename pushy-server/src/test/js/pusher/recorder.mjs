// An HTTP proxy before the server, which notes all requests and answers, and can hold requests back.
import http from 'node:http';
import net from 'node:net';

export class Recorder {
    exchanges = [];
    #held = new Map();

    static async before(base) {
        const recorder = new Recorder();
        const { hostname, port } = new URL(base);
        const target = { host: hostname, port };
        const server = http.createServer((request, response) => void recorder.#pass(target, request, response));
        server.on('upgrade', (request, socket, head) => recorder.#upgrade(target, request, socket, head));
        await new Promise(done => server.listen(0, '127.0.0.1', done));
        recorder.port = server.address().port;
        recorder.close = () => {
            server.closeAllConnections();
            server.close();
        };
        return recorder;
    }

    // POST requests whose path contains the text wait until the returned function is called.
    hold(text) {
        let release;
        this.#held.set(text, new Promise(done => (release = done)));
        return () => {
            this.#held.delete(text);
            release();
        };
    }

    async #pass(target, request, response) {
        const exchange = { method: request.method, path: request.url, headers: request.headers, sent: '', answer: '' };
        this.exchanges.push(exchange);
        for (const [text, released] of this.#held) {
            if (request.method === 'POST' && request.url.includes(text)) {
                exchange.held = true;
                await released;
            }
        }
        const { method, url: path, headers } = request;
        const upstream = http.request({ ...target, method, path, headers, agent: false }, answer => {
            exchange.status = answer.statusCode;
            exchange.answered = answer.headers;
            response.writeHead(answer.statusCode, answer.rawHeaders);
            answer.on('data', chunk => {
                exchange.answer += chunk.toString('utf8');
                response.write(chunk);
            });
            answer.on('end', () => {
                exchange.ended = true;
                response.end();
            });
            answer.on('error', () => response.destroy());
        });
        upstream.on('error', () => response.destroy());
        response.on('close', () => upstream.destroy());
        request.on('data', chunk => {
            exchange.sent += chunk.toString('utf8');
            upstream.write(chunk);
        });
        request.on('end', () => upstream.end());
    }

    #upgrade(target, request, socket, head) {
        this.exchanges.push({ method: request.method, path: request.url, headers: request.headers, sent: '', answer: '' });
        const upstream = net.connect(target.port, target.host, () => {
            const lines = [`GET ${request.url} HTTP/1.1`];
            for (let i = 0; i < request.rawHeaders.length; i += 2) {
                lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
            }
            upstream.write(lines.join('\r\n') + '\r\n\r\n');
            upstream.write(head);
            upstream.pipe(socket).pipe(upstream);
        });
        for (const [one, other] of [[socket, upstream], [upstream, socket]]) {
            one.on('error', () => other.destroy());
            one.on('close', () => other.destroy());
        }
    }
}
