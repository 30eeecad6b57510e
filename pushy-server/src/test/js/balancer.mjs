// node balancer.mjs URL URL...: a load balancer that keeps to nothing. Says its port. Each request goes to another server than
// the one before to the same folder, so that no session has two requests in a row at one server.
import http from 'node:http';

const servers = process.argv.slice(2).map(url => new URL(url));
// An idle connection is closed before a server would do so, or a request could run into its end.
const agent = new http.Agent({ keepAlive: true, timeout: 10_000 });
const counts = new Map();

function next(path) {
    const folder = path.split('?')[0].replace(/[^/]*$/, '');
    const count = counts.get(folder) ?? 0;
    counts.set(folder, count + 1);
    return servers[count % servers.length];
}

const balancer = http.createServer((request, response) => {
    const { method, url: path } = request;
    const { connection, ...headers } = request.headers; // how the client keeps its own connection
    const { hostname, port } = next(path);
    const onward = http.request({ agent, hostname, port, method, path, headers }, answer => {
        response.writeHead(answer.statusCode, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        answer.on('error', () => response.destroy());
        answer.on('aborted', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => response.writableFinished || onward.destroy());
    request.pipe(onward);
});
balancer.listen(0, '127.0.0.1', () => console.log(balancer.address().port));
