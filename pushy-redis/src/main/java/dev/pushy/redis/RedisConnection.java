package dev.pushy.redis;

import java.io.IOException;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;

/** A connection whose writing and reading are apart. One thread writes, one reads; any may abort it. */
final class RedisConnection extends Connection {

    RedisConnection(JedisSocketFactory sockets, JedisClientConfig client) {
        super(sockets, client);
    }

    /** Sends what was written. */
    void send() {
        flush();
    }

    /** Closes the socket, whatever others do with it: their calls fail. */
    void abort() {
        try {
            forceDisconnect();
        } catch (IOException e) {
            // There is nothing left to close.
        }
    }
}
