package dev.pushy.server.cluster;

import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What can happen to a cluster. Each strikes, and is healed when it returns. */
@SuppressWarnings("ImmutableEnumChecker") // the set is a copy
enum Fault {
    /** Redis dies, and comes back with all that it had. */
    REDIS_CRASH(Struck.REDIS) {
        @Override
        void strike(Field field) {
            field.redis().kill();
            field.hold(0, 2_000);
            field.redis().restart();
        }
    },
    /** Redis dies, and comes back empty. */
    REDIS_EMPTY(Struck.REDIS, "reset") {
        @Override
        void strike(Field field) {
            field.redis().kill();
            field.hold(0, 1_000);
            field.redis().restartEmpty();
        }
    },
    /** Redis dies, and comes back as it was a while ago. */
    REDIS_OLD(Struck.REDIS, "fork", "ahead") {
        @Override
        void strike(Field field) {
            field.redis().keep();
            field.publishOn();
            field.redis().kill();
            field.hold(0, 1_000);
            field.redis().restartKept();
        }
    },
    /** Redis stands still for a while. */
    REDIS_STOPPED(Struck.REDIS) {
        @Override
        void strike(Field field) {
            field.redis().pause();
            field.hold(500, 6_000);
            field.redis().resume();
        }
    },
    /** Redis breaks the connections that listen, again and again. */
    LISTENERS_KILLED(Struck.REDIS) {
        @Override
        void strike(Field field) {
            for (int i = field.random().nextInt(5); i >= 0; i--) {
                field.redis().breakClients(true);
                field.hold(0, 500);
            }
        }
    },
    /** Redis breaks the connections that publish and forgets the scripts. */
    PUBLISHERS_KILLED(Struck.REDIS) {
        @Override
        void strike(Field field) {
            for (int i = field.random().nextInt(5); i >= 0; i--) {
                field.redis().flushScripts();
                field.redis().breakClients(false);
                field.hold(0, 500);
            }
        }
    },
    /** The replica takes the place of the master by agreement. */
    HAND_OVER(Struck.REDIS) {
        @Override
        void strike(Field field) {
            field.redis().handOver();
            field.hold(0, 1_000);
            field.cluster().findRedis();
            field.redis().comeBack(false);
        }
    },
    /** The master dies; the replica that takes its place has not heard the last of it. */
    TAKE_OVER(Struck.REDIS, "fork", "ahead") {
        @Override
        void strike(Field field) {
            field.redis().cutReplication();
            field.publishOn();
            field.redis().takeOver();
            field.hold(0, 1_000);
            field.cluster().findRedis();
            field.redis().comeBack(true);
        }
    },
    /** A node does not reach Redis. */
    NODE_CUT(Struck.REDIS) {
        @Override
        void strike(Field field) {
            Node node = field.node();
            node.network().cut();
            field.hold(500, 5_000);
            node.network().heal();
        }
    },
    /** Nothing passes between a node and Redis, though their connections stay. */
    NODE_DEAF(Struck.REDIS) {
        @Override
        void strike(Field field) {
            Node node = field.node();
            node.network().blackHole(true);
            field.hold(1_000, 8_000);
            node.network().blackHole(false);
            node.network().breakConnections();
        }
    },
    /** A node dies. */
    NODE_CRASH(Struck.NODES) {
        @Override
        void strike(Field field) {
            Node node = field.node();
            field.hold(0, 3_000); // it may have heard who left, and hold that back from webhooks
            node.kill();
            field.hold(0, 1_000);
            node.start();
        }
    },
    /** All nodes are replaced, one after the other. */
    NODES_RESTARTED(Struck.NODES) {
        @Override
        void strike(Field field) {
            for (Node node : field.cluster().nodes()) {
                node.stop();
                node.start();
                field.cluster().awaitReady();
            }
        }
    },
    /** Some clients read nothing for a while, though much is published. */
    SLOW_READERS(Struck.CLIENTS) {
        @Override
        void strike(Field field) {
            field.sleepAndFlood();
        }
    };

    /** Whose connections it may break. */
    private enum Struck {
        REDIS,
        NODES,
        CLIENTS
    }

    /** The reasons of the gaps that may be told. */
    final Set<String> reasons;

    private final Struck struck;

    Fault(Struck struck, String... reasons) {
        this.struck = struck;
        this.reasons = Set.of(reasons);
    }

    /** Strikes, and heals. */
    abstract void strike(Field field);

    /** Whether Redis may lose what it had accepted. */
    boolean isLossy() {
        return !reasons.isEmpty();
    }

    /** Whether webhooks may come twice: what a node has told and not said so before it died is told by the next one. */
    boolean repeatsWebhooks() {
        return this == NODE_CRASH;
    }

    /** Whether the server may end a connection so. */
    boolean ends(String why) {
        return switch (struck) {
            case REDIS -> false;
            case NODES -> true;
            case CLIENTS -> why.equals("end of stream") || why.equals("close 4508") || why.equals("close 4100");
        };
    }

    /** What a fault can reach. */
    interface Field {
        Cluster cluster();

        default RedisPair redis() {
            return cluster().redis();
        }

        Random random();

        /** Any node. */
        default Node node() {
            return cluster().nodes().get(random().nextInt(cluster().nodes().size()));
        }

        /** Lets the fault last, some milliseconds of these. */
        default void hold(int least, int most) {
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(least + random().nextInt(most - least));
            for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }

        /** Waits until some more messages are accepted. */
        void publishOn();

        /** Lets some clients sleep until so much was published that they lose their connections, and wakes them. */
        void sleepAndFlood();
    }
}
