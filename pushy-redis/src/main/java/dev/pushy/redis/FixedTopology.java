package dev.pushy.redis;

import java.util.Collections;
import java.util.List;
import redis.clients.jedis.HostAndPort;

/** One server that never changes. */
final class FixedTopology implements Topology {
    private final List<HostAndPort> masters;

    FixedTopology(HostAndPort only, int partitions) {
        this.masters = Collections.nCopies(partitions, only);
    }

    @Override
    public List<HostAndPort> masters() {
        return masters;
    }

    @Override
    public long trustMillis() {
        return Long.MAX_VALUE;
    }
}
