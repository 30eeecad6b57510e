package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * The names of keys and topics: prefix, the partition's hash tag, what it is, and of which channel, as in
 * {@code pushy:{0}:stream:default:news}. One hash tag for each partition, so that a script has all its keys in one slot; the
 * tags are chosen so that the slots of the partitions lie evenly spread.
 */
final class Keys {
    /** Wildcards deeper than this listen at this depth and filter. */
    static final int MAX_PREFIX_TOPICS = 4;

    private static final int SLOTS = 16_384;
    /** As many partitions as there can be. */
    private static final int MOST = 1_024;

    private final String[] bases;
    private final String node;
    private final int prefixLength;

    Keys(String prefix, int partitions, String node) {
        this.node = node;
        this.prefixLength = utf8(prefix).length;
        this.bases = new String[partitions];
        for (int p = 0; p < partitions; p++) {
            bases[p] = prefix + '{' + tag(p, partitions) + "}:";
        }
    }

    /**
     * A text whose slot is in the partition's share of all slots. That of the first partition is the same however many there
     * are, so that nodes which are configured for different numbers find the same {@link Deployment}.
     */
    private static String tag(int partition, int number) {
        int partitions = partition == 0 ? MOST : number;
        String tag = Integer.toString(partition);
        for (int i = 1; JedisClusterCRC16.getSlot(tag) * partitions / SLOTS != partition; i++) {
            tag = partition + "." + i;
        }
        return tag;
    }

    int partitions() {
        return bases.length;
    }

    /** Fixed for ever: it says where the messages of a channel are. FNV-1a, and the finish of MurmurHash3 to mix it. */
    int partition(Channel channel) {
        if (bases.length == 1) {
            return 0;
        }
        int hash = fnv(fnv(fnv(0x811C9DC5, channel.app()), ":"), channel.name());
        hash = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
        hash ^= hash >>> 16;
        return (int) (((hash & 0xFFFF_FFFFL) * bases.length) >>> 32);
    }

    private static int fnv(int start, String text) {
        int hash = start;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x01000193;
        }
        return hash;
    }

    /** The partition that a key or topic belongs to. */
    int partitionOf(byte[] name) {
        int partition = 0;
        for (int i = prefixLength + 1; i < name.length && name[i] >= '0' && name[i] <= '9'; i++) {
            partition = partition * 10 + name[i] - '0';
        }
        return partition;
    }

    int slot(int partition) {
        return JedisClusterCRC16.getSlot(bases[partition]);
    }

    /** A key of the partition. */
    byte[] key(int partition, String name) {
        return utf8(bases[partition] + name);
    }

    /** A key of a channel. */
    byte[] key(int partition, String kind, Channel channel) {
        return utf8(bases[partition] + kind + ':' + channel.app() + ':' + channel.name());
    }

    /** Where this node alone listens. */
    byte[] service(int partition) {
        return utf8(bases[partition] + "node:" + node);
    }

    /** Where all nodes listen. */
    byte[] everybody(int partition) {
        return utf8(bases[partition] + "all");
    }

    /** Where the events of a channel go. */
    byte[] topic(Channel channel) {
        return key(partition(channel), "topic", channel);
    }

    /** Where the events of a channel go: its own topic, then those of its prefixes. */
    List<byte[]> topics(Channel channel) {
        int partition = partition(channel);
        List<byte[]> topics = new ArrayList<>(4);
        topics.add(key(partition, "topic", channel));
        if (channel.isReserved()) {
            return topics;
        }
        topics.add(prefixTopic(partition, channel.app(), ""));
        int dot = channel.name().indexOf('.');
        for (int level = 0; dot >= 0 && level < MAX_PREFIX_TOPICS; level++) {
            topics.add(prefixTopic(partition, channel.app(), channel.name().substring(0, dot)));
            dot = channel.name().indexOf('.', dot + 1);
        }
        return topics;
    }

    /** Where a node listens for what the wildcard matches in a partition. */
    byte[] topic(int partition, ChannelPattern wildcard) {
        StringBuilder prefix = new StringBuilder();
        int level = 0;
        for (String segment : wildcard.segments()) {
            if (level == MAX_PREFIX_TOPICS || segment.startsWith("*")) {
                break;
            }
            prefix.append(level == 0 ? "" : ".").append(segment);
            level++;
        }
        return prefixTopic(partition, wildcard.app(), prefix.toString());
    }

    private byte[] prefixTopic(int partition, String app, String prefix) {
        return utf8(bases[partition] + "prefix:" + app + ':' + prefix);
    }

    /** The index of all channels that begin with the first segment of this one. */
    byte[] index(int partition, Channel channel) {
        String name = channel.name();
        return index(partition, channel.app(), name.substring(0, name.indexOf('.')));
    }

    byte[] index(int partition, String app, String segment) {
        return utf8(bases[partition] + "index:" + app + ':' + segment);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
