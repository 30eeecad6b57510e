package dev.pushy.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntToLongFunction;

/**
 * Real hubs on a real log, in virtual time: nodes, links that break, a broker that restarts with its data, empty or from an
 * old state, clients that come and go, change their subscriptions and read slowly. What each client is told is written down
 * for {@link DeliveryOracle}.
 */
final class Simulation {
    static final List<String> CHANNELS = List.of("a.x", "a.y", "b.x", "c", "d");
    static final List<String> PATTERNS = List.of("a.*", "**");

    /** How a broker comes back: with all that it had, with nothing, with an old state, without the last messages. */
    private static final int DATA = 0;

    private static final int EMPTY = 1;
    private static final int SNAPSHOT = 2;
    private static final int REPLICA = 3;

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
            long linger,
            boolean publishersVouch) {}

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
    final MemoryFaults faults;
    final List<Message> messages = new ArrayList<>();
    final List<Erased> erased = new ArrayList<>();
    final List<SimulatedNode> nodes = new ArrayList<>();
    final List<SimulatedClient> clients = new ArrayList<>();
    private final List<SimulatedPublisher> publishers = new ArrayList<>();
    int incidents;
    private final Random random;
    private final List<List<Message>> lineage = new ArrayList<>();
    private List<Position> snapshotEnds;
    private boolean up = true;

    Simulation(Setting setting) {
        this.setting = setting;
        this.time = new VirtualTime(setting.seed(), setting.latency());
        this.random = time.random;
        this.faults = new MemoryFaults(setting.partitions(), () -> java.time.Instant.ofEpochMilli(time.now()));
        for (int p = 0; p < setting.partitions(); p++) {
            lineage.add(new ArrayList<>());
        }
        for (int i = 0; i < setting.nodes(); i++) {
            publishers.add(new SimulatedPublisher(this));
        }
        faults.snapshot();
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
                pick(r, 0, 500, 3_000),
                r.nextBoolean());
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
                crash(kind == Kind.OLD ? pick(random, SNAPSHOT, REPLICA) : random.nextInt(REPLICA + 1));
            } else if (up) {
                faults.snapshot();
                snapshotEnds = ends();
            }
        } else if ((kind == Kind.MIXED || kind == Kind.TINY) && dice < 16) {
            faults.expire(Channel.of(pick(random, "a.x", "a.y", "b.x", "c", "d")));
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
        SimulatedPublisher publisher = publishers.get(random.nextInt(publishers.size()));
        if (!up || !publisher.isUp()) {
            return;
        }
        int number = messages.size() + 1;
        PublishOptions options = new PublishOptions(setting.history(), Duration.ofDays(1));
        Receipt receipt = publisher.publish(Publication.of(Channel.of(channel), Integer.toString(number)), options);
        Message message = new Message(number, channel, receipt.position());
        messages.add(message);
        lineage.get(receipt.position().partition()).add(message);
        faults.keepIndex(setting.index());
    }

    private void crash(int how) {
        if (!up) {
            return;
        }
        if (how == REPLICA) {
            burst(); // what is on its way reaches some nodes only
        }
        int behind = 1 + random.nextInt(8);
        up = false;
        incidents++;
        List<Position> before = ends();
        faults.stop();
        publishers.forEach(SimulatedPublisher::down);
        long away = pick(random, 50L, 300L, 1_500L);
        note(before, p -> switch (how) {
            case DATA -> before.get(p).offset();
            case EMPTY -> -1;
            case REPLICA -> Math.max(0, before.get(p).offset() - behind);
            default -> snapshotEnds.get(p).offset();
        });
        time.after(away, () -> {
            up = true;
            switch (how) {
                case DATA -> faults.startAgain();
                case EMPTY -> faults.startEmpty();
                case REPLICA -> faults.startWithoutNewest(behind);
                default -> faults.startFromSnapshot();
            }
            if (how == EMPTY || how == REPLICA) {
                faults.snapshot();
                snapshotEnds = ends();
            }
            publishers.forEach(publisher -> publisher.connectLater(setting.publishersVouch()));
        });
    }

    /** Writes down what is lost of each partition behind the offset that is kept. */
    private void note(List<Position> before, IntToLongFunction keptOf) {
        List<Set<Position>> lost = new ArrayList<>();
        for (int p = 0; p < setting.partitions(); p++) {
            Set<Position> gone = new HashSet<>();
            long kept = keptOf.applyAsLong(p);
            for (SimulatedNode node : nodes) {
                node.remember(p, lineage.get(p));
            }
            for (Message message : lineage.get(p)) {
                if (message.position().offset() > kept) {
                    gone.add(message.position());
                }
            }
            lineage.get(p).removeIf(message -> message.position().offset() > kept);
            if (kept < 0) {
                gone.add(new Position(p, before.get(p).epoch(), 0, 0));
            }
            lost.add(gone);
        }
        erased.add(new Erased(lost));
    }

    /** Whether somebody who lives to the end knows of what a restart lost; while the log can prove it. */
    boolean isKnown(Position position) {
        if (setting.index() < 10_000) {
            return false;
        }
        return setting.publishersVouch() || nodes.stream().anyMatch(node -> node.hasHeard(position));
    }

    private List<Position> ends() {
        List<Position> ends = new ArrayList<>();
        for (int p = 0; p < setting.partitions(); p++) {
            ends.add(faults.end(p));
        }
        return ends;
    }

    int partition(String channel) {
        return faults.cluster().partition(Channel.of(channel));
    }

    static boolean matches(String name, String channel) {
        return ChannelPattern.of(name).matches(Channel.of(channel));
    }

    static boolean overlaps(String one, String other) {
        return ChannelPattern.of(one).overlaps(ChannelPattern.of(other));
    }
}
