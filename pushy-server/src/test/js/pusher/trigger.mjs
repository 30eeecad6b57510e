// node pusher/trigger.mjs JSON: one event by the server library. {"server": options of the library, "event": its arguments}
import Pusher from 'pusher';

const { server, event } = JSON.parse(process.argv[2]);
await new Pusher(server).trigger(...event);
