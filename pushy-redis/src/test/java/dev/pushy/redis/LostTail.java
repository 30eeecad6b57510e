package dev.pushy.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.resps.StreamEntry;

/** Makes one partition what a replica has that lacks the last messages: as if they had never been published. */
final class LostTail {
    private final Jedis redis;
    private final Keys keys;
    private final int partition;
    private final String index;

    LostTail(Jedis redis, Keys keys, int partition) {
        this.redis = redis;
        this.keys = keys;
        this.partition = partition;
        this.index = key("index");
    }

    private String key(String name) {
        return new String(keys.key(partition, name), UTF_8);
    }

    /** Setbacks among the messages are lost with them. */
    void cut(int messages) {
        int left = messages;
        for (StreamEntry entry : redis.xrevrange(index, (StreamEntryID) null, null)) {
            String channel = entry.getFields().get("c");
            if (left > 0) {
                forget(entry.getID(), channel);
                left -= channel.isEmpty() ? 0 : 1;
            }
        }
    }

    private void forget(StreamEntryID id, String channel) {
        if (channel.isEmpty()) {
            forgetSetback(id);
        } else {
            forgetMessage(id, channel);
        }
        List<StreamEntry> before = redis.xrevrange(index, (StreamEntryID) null, null, 1);
        String last = before.isEmpty()
                ? (id.getTime() - 1) + "-0"
                : before.get(0).getID().toString();
        redis.hset(key("log"), "end", last.split("-", -1)[0]);
        redis.hset(key("log"), "tag", last.split("-", -1)[1]);
    }

    /** A stream remembers the id of what was removed, and takes none before it. */
    private void remove(String stream, StreamEntryID id) {
        redis.xdel(stream, id);
        List<StreamEntry> newest = redis.xrevrange(stream, (StreamEntryID) null, null, 1);
        if (newest.isEmpty()) {
            redis.del(stream);
        } else {
            redis.sendCommand(
                    () -> "XSETID".getBytes(UTF_8),
                    stream,
                    newest.get(0).getID().toString());
        }
    }

    private void forgetSetback(StreamEntryID id) {
        remove(index, id);
        redis.hincrBy(key("log"), "setbacks", -1);
        redis.hset(
                key("log"),
                "setback",
                redis.xrevrange(index, (StreamEntryID) null, null).stream()
                        .filter(entry -> entry.getFields().get("c").isEmpty())
                        .findFirst()
                        .map(entry -> Long.toString(entry.getID().getTime()))
                        .orElse("0"));
    }

    private void forgetMessage(StreamEntryID id, String channel) {
        String stream = key("stream:" + channel);
        List<StreamEntry> gone = redis.xrange(stream, id, id);
        String[] record = gone.get(0).getFields().get("m").split(" ", 5);
        remove(stream, id);
        remove(index, id);
        String name = channel.substring(channel.lastIndexOf(':') + 1);
        if (name.contains(".")) {
            String app = channel.substring(0, channel.lastIndexOf(':'));
            remove(key("index:" + app + ":" + name.substring(0, name.indexOf('.'))), id);
        }
        String size = redis.get(key("last:" + channel)).split(" ", -1)[2];
        if (record[3].equals("-")) {
            redis.del(key("last:" + channel));
        } else {
            redis.set(key("last:" + channel), record[0] + " " + record[3] + " " + size);
        }
        redis.del(key("retained:" + channel));
    }
}
