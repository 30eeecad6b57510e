package dev.pushy.redis;

import java.util.List;
import redis.clients.jedis.HostAndPort;

/** Where the masters are. Asked by one thread. */
interface Topology extends AutoCloseable {

    /**
     * The master of each partition, in their order.
     *
     * @throws redis.clients.jedis.exceptions.JedisException if nobody can say, with a message that names the remedy
     */
    List<HostAndPort> masters();

    /** How long its answer may be trusted, milliseconds; until then it is asked only when something is wrong. */
    long trustMillis();

    @Override
    default void close() {}
}
