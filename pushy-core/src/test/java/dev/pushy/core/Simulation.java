package dev.pushy.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Real hubs on a real log, in virtual time: nodes, links that break, a broker that restarts with its data, empty or from an
 * old state, clients that come and go, change their subscriptions and read slowly. What each client is told is written down
 * for {@link DeliveryOracle}.
 */
final class Simulation {
    static final List<String> CHANNELS = List.of("a.x", "a.y", "b.x", "c", "d");
    static final List<String> PATTERNS = List.of("a.*", "**");

    /** What kind of world it is. */
    record Setting(
            long seed,
            Kind kind,
            int partitions,
            int nodes,
            int clients,
            long length,
            double latency,
            int index,
            int history,
            int limit,
            int backlog,
            long linger) {}

    /** What happens in it. */
    enum Kind {
        BENIGN,
        CUTS,
        OLD,
        MIXED,
        TINY,
        SLOW
    }

    /** A message that was accepted. */
    record Message(int number, String channel, Position position) {}

    /** What a restart lost, by partition. */
    record Erased(List<Set<Position>> positions) {}

    final Setting setting;
    final VirtualTime time;
    final MemoryCluster cluster;
    final List<Message> messages = new ArrayList<>();
    final List<Erased> erased = new ArrayList<>();
    final List<SimulatedNode> nodes = new ArrayList<>();
    final List<SimulatedClient> clients = new ArrayList<>();
    int incidents;
    private final Random random;
    private final List<List<Message>> lineage = new ArrayList<>();
    private List<Position> snapshotEnds;
    private boolean up = true;

    Simulation(Setting setting) {
        this.setting = setting;
        this.time = new VirtualTime(setting.seed(), setting.latency());
        this.random = time.random;
        this.cluster = new MemoryCluster(
                setting.partitions(), Duration.ofDays(1), 1L << 30, () -> java.time.Instant.ofEpochMilli(time.now()));
        for (int p = 0; p < setting.partitions(); p++) {
            lineage.add(new ArrayList<>());
        }
        cluster.snapshot();
        snapshotEnds = ends();
    }

    static Setting setting(long seed) {
        Random r = new Random(seed * 7919 + 1);
        Kind kind = pick(r, Kind.BENIGN, Kind.CUTS, Kind.OLD, Kind.OLD, Kind.MIXED, Kind.MIXED, Kind.TINY, Kind.SLOW);
        boolean big = kind == Kind.BENIGN || kind == Kind.CUTS || kind == Kind.OLD || kind == Kind.SLOW;
        int index = big ? 10_000 : kind == Kind.TINY ? pick(r, 5, 12, 40) : pick(r, 12, 60, 10_000);
        int history = big ? 10_000 : pick(r, 2, 4, 20, 1_000);
        int limit = big ? 100_000 : pick(r, 4, 12, 1_000);
        return new Setting(
                seed,
                kind,
                pick(r, 1, 1, 4),
                pick(r, 1, 2, 3),
                pick(r, 2, 3, 4),
                pick(r, 12_000, 25_000),
                pick(r, 20.0, 100.0, 400.0),
                index,
                history,
                limit,
                kind == Kind.SLOW ? 1_024 : 1 << 20,
                pick(r, 0, 500, 3_000));
    }

    @SafeVarargs
    private static <T> T pick(Random r, T... values) {
        return values[r.nextInt(values.length)];
    }

    /** Lets the world happen, then calm down, and says what went wrong. */
    List<String> run() {
        for (int i = 0; i < setting.nodes(); i++) {
            nodes.add(new SimulatedNode(this));
        }
        for (int i = 0; i < setting.clients(); i++) {
            SimulatedClient client = new SimulatedClient(this, i);
            clients.add(client);
            time.after(random.nextInt(2_000), client::connect);
        }
        int operations = pick(random, 20, 60, 120);
        for (int i = 0; i < operations; i++) {
            time.after((long) (random.nextDouble() * setting.length()), this::anything);
        }
        long calm = setting.length();
        time.after(calm, () -> clients.forEach(client -> client.slow = false));
        for (int round = 0; round < 2; round++) {
            long at = calm + 40_000 + 10_000L * round;
            for (String channel : CHANNELS) {
                time.after(at, () -> publish(channel));
            }
        }
        time.runUntil(calm + 90_000);
        nodes.forEach(SimulatedNode::close);
        List<String> errors = new DeliveryOracle(this).check();
        time.failures().forEach(failure -> errors.add("EXCEPTION " + failure + " at " + failure.getStackTrace()[0]));
        return errors;
    }

    private void anything() {
        Kind kind = setting.kind();
        int dice = random.nextInt(100);
        if (kind == Kind.SLOW && dice < 30) {
            if (dice < 8) {
                someClient().slow ^= true;
            } else {
                burst();
            }
        } else if (kind != Kind.BENIGN && dice < 7) {
            if (dice == 0) {
                someNode().restart();
            } else {
                someNode().cut();
            }
        } else if ((kind == Kind.OLD || kind == Kind.MIXED || kind == Kind.TINY) && dice < 13) {
            if (dice < 10) {
                crash(kind == Kind.OLD ? 2 : random.nextInt(4));
            } else {
                cluster.snapshot();
                snapshotEnds = ends();
            }
        } else if ((kind == Kind.MIXED || kind == Kind.TINY) && dice < 16) {
            cluster.expire(Channel.of(pick(random, "a.x", "a.y", "b.x", "c", "d")));
        } else if (dice < 24) {
            burst();
        } else if (dice < 34) {
            someClient().drop();
        } else if (dice < 40) {
            someClient().add(anyName(), random.nextDouble() < 0.6);
        } else if (dice < 46) {
            someClient().remove(anyName());
        } else {
            publish(CHANNELS.get(random.nextInt(CHANNELS.size())));
        }
    }

    private void burst() {
        int count = pick(random, 3, 8);
        for (int i = 0; i < count; i++) {
            publish(CHANNELS.get(random.nextInt(CHANNELS.size())));
        }
    }

    private String anyName() {
        int i = random.nextInt(CHANNELS.size() + PATTERNS.size());
        return i < CHANNELS.size() ? CHANNELS.get(i) : PATTERNS.get(i - CHANNELS.size());
    }

    private SimulatedClient someClient() {
        return clients.get(random.nextInt(clients.size()));
    }

    SimulatedNode someNode() {
        return nodes.get(random.nextInt(nodes.size()));
    }

    private void publish(String channel) {
        if (!up) {
            return;
        }
        int number = messages.size() + 1;
        PublishOptions options = new PublishOptions(setting.history(), Duration.ofDays(1));
        Receipt receipt = cluster.publish(Publication.of(Channel.of(channel), Integer.toString(number)), options);
        Message message = new Message(number, channel, receipt.position());
        messages.add(message);
        lineage.get(receipt.position().partition()).add(message);
        cluster.keepIndex(setting.index());
    }

    /** 0: restart with data, 1: empty, 2 and more: from the snapshot. */
    private void crash(int how) {
        if (!up) {
            return;
        }
        up = false;
        incidents++;
        List<Position> before = ends();
        cluster.stop();
        long away = pick(random, 50L, 300L, 1_500L);
        List<Position> after = how == 0 ? before : how == 1 ? null : snapshotEnds;
        note(before, after, how);
        time.after(away, () -> {
            up = true;
            if (how == 0) {
                cluster.startAgain();
            } else if (how == 1) {
                cluster.startEmpty();
                cluster.snapshot();
                snapshotEnds = ends();
            } else {
                cluster.startFromSnapshot();
            }
        });
    }

    private void note(List<Position> before, List<Position> after, int how) {
        List<Set<Position>> lost = new ArrayList<>();
        for (int p = 0; p < setting.partitions(); p++) {
            Set<Position> gone = new HashSet<>();
            long kept = after == null ? -1 : after.get(p).offset();
            if (how != 0) {
                for (Message message : lineage.get(p)) {
                    if (message.position().offset() > kept) {
                        gone.add(message.position());
                    }
                }
                lineage.get(p).removeIf(message -> message.position().offset() > kept);
                if (after == null) {
                    gone.add(new Position(p, before.get(p).epoch(), 0, 0));
                }
            }
            lost.add(gone);
        }
        erased.add(new Erased(lost));
    }

    private List<Position> ends() {
        List<Position> ends = new ArrayList<>();
        for (int p = 0; p < setting.partitions(); p++) {
            ends.add(cluster.end(p));
        }
        return ends;
    }

    int partition(String channel) {
        return cluster.partition(Channel.of(channel));
    }

    static boolean matches(String name, String channel) {
        return ChannelPattern.of(name).matches(Channel.of(channel));
    }

    static boolean overlaps(String one, String other) {
        return ChannelPattern.of(one).overlaps(ChannelPattern.of(other));
    }
}
