package dev.pushy.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Real hubs that share channels and presence in memory, in virtual time: clients that join and leave, links that break, a
 * presence store that is away now and then, leases that end, nodes that die, loops that fall behind. Each
 * {@link RosterClient} checks what it is told.
 */
final class RosterWorld {
    static final List<Channel> ROOMS = List.of(Channel.of("a"), Channel.of("b"), Channel.of("c.d"));
    private static final long LENGTH = 30_000;
    private static final PublishOptions LOGGED =
            new PublishOptions(1_000_000, Duration.ofDays(1)).withRetain(Duration.ofDays(1));

    final VirtualTime time;
    final Random random;
    final List<String> errors = new ArrayList<>();
    /** How many joins and leaves clients were told. */
    int told;

    private final boolean faults;
    private final MemoryFaults memory;
    private final MemoryPresence presence;
    private final MemoryPresenceStore observer;
    private final List<Node> nodes = new ArrayList<>();
    private final List<RosterClient> clients = new ArrayList<>();
    private final Map<Channel, Integer> published = new HashMap<>();
    private final int users;

    RosterWorld(long seed) {
        this.time = new VirtualTime(seed, 1 + new Random(seed).nextInt(100));
        this.random = time.random;
        this.faults = seed % 3 != 0;
        this.users = 3 + random.nextInt(10);
        this.memory = new MemoryFaults(random.nextBoolean() ? 1 : 4, () -> Instant.ofEpochMilli(time.now()));
        this.presence = new MemoryPresence(time::now);
        this.observer = presence.node();
        observer.start(new NobodyListens());
    }

    String anyUser() {
        return "u" + random.nextInt(users);
    }

    /** A server of this world. */
    private final class Node {
        private final MemoryBroker broker = memory.node(time.new Lane(1));
        private final LaggingPresence store = new LaggingPresence(presence.node(), time);
        private final List<EventLoop> loops = List.of(time.new Loop(), time.new Loop());
        private final Pushy pushy = Pushy.builder()
                .broker(new LaggingBroker(broker, time))
                .presence(store)
                .timers(time.timers())
                .limits(Limits.builder()
                        .mailbox(faults && random.nextBoolean() ? 16 : 65_536)
                        .backlogBytes(faults && random.nextBoolean() ? 1_024 : 1 << 20)
                        .replayPerChannel(1_000_000)
                        .replayTotal(1_000_000)
                        .interestLinger(Duration.ofMillis(random.nextInt(4_000)))
                        .build())
                .start();
        private boolean cut;

        private void cut() {
            if (cut) {
                return;
            }
            cut = true;
            MemoryLink link = broker.link();
            memory.cut(link);
            store.cut();
            time.after(1 + random.nextInt(1_000), () -> {
                cut = false;
                store.heal();
                memory.heal(link);
            });
        }

        private void away() {
            store.away(true);
            time.after(1 + random.nextInt(2_000), () -> store.away(false));
        }
    }

    List<String> run() {
        for (int i = 0; i < 2 + random.nextInt(2); i++) {
            nodes.add(new Node());
        }
        for (int i = 0; i < 4 + random.nextInt(12); i++) {
            connect();
        }
        int operations = 100 + random.nextInt(300);
        for (int i = 0; i < operations; i++) {
            time.after((long) (random.nextDouble() * LENGTH), this::anything);
        }
        time.after(LENGTH, () -> clients.forEach(client -> client.slow(false)));
        for (int i = 1; i < 10; i++) {
            time.after(
                    LENGTH + 1_000L * i,
                    () -> nodes.forEach(node -> node.store.store().renewLease()));
        }
        time.runUntil(LENGTH + 60_000);
        check();
        nodes.forEach(node -> node.pushy.close());
        observer.close();
        time.failures().forEach(failure -> errors.add("EXCEPTION " + failure + " at " + failure.getStackTrace()[0]));
        return errors;
    }

    private void connect() {
        Node node = nodes.get(random.nextInt(nodes.size()));
        EventLoop loop = node.loops.get(random.nextInt(2));
        clients.add(new RosterClient(this, node.pushy.hub(), loop));
    }

    private void anything() {
        int dice = random.nextInt(100);
        if (faults && dice < 14) {
            fault(dice);
        } else if (dice < 20) {
            clients.remove(random.nextInt(clients.size())).close();
            connect();
        } else if (dice < 25) {
            someClient().slow(random.nextBoolean());
        } else if (dice < 35) {
            publish();
        } else {
            someClient().act();
        }
    }

    private void fault(int dice) {
        Node node = nodes.get(random.nextInt(nodes.size()));
        if (dice < 6) {
            node.cut();
        } else if (dice < 9) {
            node.away();
        } else if (dice < 12) {
            node.store.store().endLease();
        } else if (dice < 13) {
            die(node);
        }
    }

    private void die(Node node) {
        for (RosterClient client : List.copyOf(clients)) {
            if (client.hub == node.pushy.hub()) {
                clients.remove(client);
                client.die();
            }
        }
        node.pushy.close();
        nodes.set(nodes.indexOf(node), new Node());
        while (clients.size() < 4) {
            connect();
        }
    }

    private RosterClient someClient() {
        return clients.get(random.nextInt(clients.size()));
    }

    /**
     * Enough to fill a small mailbox, or what a connection may have held. Messages that are logged are retained, too, and
     * have numbers; the others are 0.
     */
    private void publish() {
        Channel channel = ROOMS.get(random.nextInt(ROOMS.size()));
        for (int i = random.nextInt(40); i >= 0; i--) {
            if (random.nextBoolean()) {
                int number = published.merge(channel, 1, Integer::sum);
                memory.cluster().publish(Publication.of(channel, Integer.toString(number)), LOGGED);
            } else {
                memory.cluster().publish(Publication.of(channel, "0"), PublishOptions.LIVE_ONLY);
            }
        }
    }

    /** How many messages of a room were logged. */
    int published(Channel room) {
        return published.getOrDefault(room, 0);
    }

    private void check() {
        for (Channel room : ROOMS) {
            Set<String> truth = new TreeSet<>();
            observer.members(room).toCompletableFuture().join().forEach(member -> truth.add(member.subject()));
            Set<String> expected = new TreeSet<>();
            for (RosterClient client : clients) {
                client.addMember(room, expected);
            }
            if (!truth.equals(expected)) {
                errors.add("the store says that " + truth + " are in " + room + ", there are " + expected);
            }
            clients.forEach(client -> client.check(room, truth));
        }
    }
}
