package dev.pushy.redis;

import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/** Which Redis to use, and how. Immutable; never prints the password. */
public final class RedisConfig {
    /** Partitions of a deployment on one master. */
    private static final int PARTITIONS_OF_ONE = 1;
    /** Partitions of a deployment on a cluster: enough to spread over many masters, few enough for a short cursor. */
    private static final int PARTITIONS_OF_CLUSTER = 16;

    private static final int MAX_PARTITIONS = 1_024;
    private static final int MAX_LANES = 4;

    private final RedisUrl url;
    private final String prefix;
    private final int partitions;
    private final int lanes;
    private final int queue;
    private final Duration connectTimeout;
    private final Duration commandTimeout;
    private final Duration publishDeadline;
    private final Duration canary;
    private final Duration indexAge;
    private final int indexEntries;
    private final @Nullable String sentinelUser;
    private final @Nullable String sentinelPassword;
    private final @Nullable SSLSocketFactory sslSocketFactory;
    private final UnaryOperator<HostAndPort> route;

    private RedisConfig(Builder builder) {
        this.url = builder.url;
        this.prefix = builder.prefix;
        int usual = url.kind() == RedisUrl.Kind.CLUSTER ? PARTITIONS_OF_CLUSTER : PARTITIONS_OF_ONE;
        this.partitions = builder.partitions == 0 ? usual : builder.partitions;
        this.lanes = builder.lanes;
        this.queue = builder.queue;
        this.connectTimeout = builder.connectTimeout;
        this.commandTimeout = builder.commandTimeout;
        this.publishDeadline = builder.publishDeadline;
        this.canary = builder.canary;
        this.indexAge = builder.indexAge;
        this.indexEntries = builder.indexEntries;
        this.sentinelUser = builder.sentinelUser;
        this.sentinelPassword = builder.sentinelPassword;
        this.sslSocketFactory = builder.sslSocketFactory;
        this.route = builder.route;
    }

    /**
     * Begins with a URL: {@code redis://user:password@host:6379/0}, {@code rediss://} for TLS,
     * {@code redis-sentinel://h1,h2/0?master=m} or {@code redis-cluster://h1,h2}. In user and password special characters
     * are percent-encoded.
     *
     * @throws IllegalArgumentException saying what is wrong, without the password
     */
    public static Builder builder(String url) {
        return new Builder(RedisUrl.parse(url));
    }

    RedisUrl url() {
        return url;
    }

    String prefix() {
        return prefix;
    }

    /** How many partitions the log has. */
    public int partitions() {
        return partitions;
    }

    int lanes() {
        return lanes;
    }

    int queue() {
        return queue;
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    Duration commandTimeout() {
        return commandTimeout;
    }

    Duration publishDeadline() {
        return publishDeadline;
    }

    Duration canary() {
        return canary;
    }

    Duration indexAge() {
        return indexAge;
    }

    int indexEntries() {
        return indexEntries;
    }

    @Nullable
    String sentinelUser() {
        return sentinelUser;
    }

    @Nullable
    String sentinelPassword() {
        return sentinelPassword;
    }

    @Nullable
    SSLSocketFactory sslSocketFactory() {
        return sslSocketFactory;
    }

    /** Where to connect to reach a server that is named by this address. */
    HostAndPort route(HostAndPort server) {
        return route.apply(server);
    }

    /** Servers, prefix and partitions. */
    @Override
    public String toString() {
        return url + ", prefix " + prefix + ", partitions " + partitions;
    }

    /** Collects what a connection to Redis needs; what is not set keeps its default. */
    public static final class Builder {
        private final RedisUrl url;
        private String prefix = "pushy:";
        private int partitions;
        private int lanes = 1;
        private int queue = 16_384;
        private Duration connectTimeout = Duration.ofSeconds(2);
        private Duration commandTimeout = Duration.ofSeconds(2);
        private Duration publishDeadline = Duration.ofSeconds(5);
        private Duration canary = Duration.ofSeconds(5);
        private Duration indexAge = Duration.ofMinutes(15);
        private int indexEntries = 1_000_000;
        private @Nullable String sentinelUser;
        private @Nullable String sentinelPassword;
        private @Nullable SSLSocketFactory sslSocketFactory;
        private UnaryOperator<HostAndPort> route = UnaryOperator.identity();

        private Builder(RedisUrl url) {
            this.url = url;
        }

        /** What all keys and topics begin with; one for each deployment. Default {@code pushy:}. */
        public Builder prefix(String text) {
            if (text.isEmpty() || text.indexOf('{') >= 0 || text.indexOf('}') >= 0) {
                throw new IllegalArgumentException(
                        "the prefix \"" + text + "\" must not be empty and must not have { or }, as in pushy:");
            }
            this.prefix = text;
            return this;
        }

        /**
         * How many partitions the log has: 1 by default, 16 in a cluster. Fixed by the first node of a deployment; nodes
         * with another number do not join.
         */
        public Builder partitions(int count) {
            this.partitions = requireRange("partitions", count, 1, MAX_PARTITIONS);
            return this;
        }

        /** How many connections to a master carry publishes, 1 to 4; useful with several partitions. Default 1. */
        public Builder lanes(int count) {
            this.lanes = requireRange("lanes", count, 1, MAX_LANES);
            return this;
        }

        /** How many requests may wait for one connection; more are refused as overloaded. Default 16,384. */
        public Builder queue(int requests) {
            this.queue = requireRange("queue", requests, 1, 1 << 20);
            return this;
        }

        /** How long connecting may take. Default 2 s. */
        public Builder connectTimeout(Duration time) {
            this.connectTimeout = requireTime("connectTimeout", time);
            return this;
        }

        /** How long an answer may take before the connection is taken for broken. Default 2 s. */
        public Builder commandTimeout(Duration time) {
            this.commandTimeout = requireTime("commandTimeout", time);
            return this;
        }

        /** How long a publish is tried again where that is safe: with an idempotency key, or not sent. Default 5 s. */
        public Builder publishDeadline(Duration time) {
            this.publishDeadline = requireTime("publishDeadline", time);
            return this;
        }

        /** How often each link proves that it hears, and how long that may take. Default 5 s. */
        public Builder canary(Duration time) {
            this.canary = requireTime("canary", time);
            return this;
        }

        /**
         * How long the place of a message is known, also when the message itself is not retained any more: the longest
         * absence that a client can resume from. Must be more than the longest history of any channel. Default 15 min.
         */
        public Builder indexAge(Duration time) {
            this.indexAge = requireTime("indexAge", time);
            return this;
        }

        /** The most places of messages that are known in one partition. Default 1,000,000, some 60 MB of Redis. */
        public Builder indexEntries(int count) {
            this.indexEntries = requireRange("indexEntries", count, 1_000, Integer.MAX_VALUE);
            return this;
        }

        /** What the sentinels want to see, if they want to see anything; it is not what the master wants. */
        public Builder sentinelCredentials(@Nullable String user, String password) {
            this.sentinelUser = user;
            this.sentinelPassword = Objects.requireNonNull(password, "password");
            return this;
        }

        /** Whom to trust with {@code rediss:}. Default: the authorities that the Java platform trusts. */
        public Builder sslSocketFactory(SSLSocketFactory factory) {
            this.sslSocketFactory = Objects.requireNonNull(factory, "factory");
            return this;
        }

        /** Ways to the servers that are not straight; tests put a network between that they can break. */
        Builder route(UnaryOperator<HostAndPort> way) {
            this.route = way;
            return this;
        }

        private static int requireRange(String what, int value, int least, int most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(what + " is " + value + ", it must be " + least + " to " + most);
            }
            return value;
        }

        private static Duration requireTime(String what, Duration time) {
            if (time.toMillis() < 1 || time.compareTo(Duration.ofDays(365)) > 0) {
                throw new IllegalArgumentException(what + " is " + time + ", it must be 1 ms to 365 days");
            }
            return time;
        }

        /** The configuration. */
        public RedisConfig build() {
            return new RedisConfig(this);
        }
    }
}
