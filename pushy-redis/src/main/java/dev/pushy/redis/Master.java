package dev.pushy.redis;

import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.HostAndPort;

/** The connections to one master: a link, a few lanes for scripts, and one for reads. */
final class Master {
    final HostAndPort address;
    final Link link;
    final Lane reads;
    private final List<Lane> commands = new ArrayList<>();

    Master(HostAndPort address, Link link, List<Lane> commands, Lane reads) {
        this.address = address;
        this.link = link;
        this.commands.addAll(commands);
        this.reads = reads;
    }

    /** Always the same for a partition, so that what is sent there keeps its order. */
    Lane commands(int partition) {
        return commands.get(partition % commands.size());
    }

    /** Connects, once the partitions are led here. */
    void start() {
        link.start();
        commands.forEach(Lane::start);
        reads.start();
    }

    int queued() {
        return reads.queued() + commands.stream().mapToInt(Lane::queued).sum();
    }

    void close() {
        link.close();
        commands.forEach(Lane::close);
        reads.close();
    }
}
