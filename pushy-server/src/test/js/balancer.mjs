// node balancer.mjs URL URL...: a load balancer that keeps to nothing, each request goes to the next server. Says its port.
import http from 'node:http';

const servers = process.argv.slice(2).map(url => new URL(url));
const agent = new http.Agent({ keepAlive: true });
let count = 0;

const balancer = http.createServer((request, response) => {
    const { hostname, port } = servers[count++ % servers.length];
    const { method, url: path, headers } = request;
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
