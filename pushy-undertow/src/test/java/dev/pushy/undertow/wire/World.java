package dev.pushy.undertow.wire;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ChannelPolicies;
import dev.pushy.core.FaultyMemoryBroker;
import dev.pushy.core.Grant;
import dev.pushy.core.HubStats;
import dev.pushy.core.Pushy;
import dev.pushy.core.TokenService;
import dev.pushy.undertow.PushyHandler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One scenario as it runs: a node behind real sockets, its clients, and the steps that the seed prescribes. All steps are
 * made by one thread; what the node's own threads do meanwhile is the only chance in it.
 */
final class World implements AutoCloseable {
    private static final long PATIENCE_NANOS = 15_000_000_000L;
    private static final int MAX_VANISHED = 4;

    private final Scenario scenario;
    private final WireServer server;
    private final Random random;
    private final @Nullable ExecutorService network;
    private final FaultyMemoryBroker broker;
    private final Pushy pushy;
    private final PushyHandler handler;
    private final String prefix;
    private final Journal journal;
    private final List<WireClient> clients = new ArrayList<>();
    private final ArrayDeque<Runnable> vanished = new ArrayDeque<>();
    private final List<String> trace = new ArrayList<>();
    private final AtomicInteger lives = new AtomicInteger();
    private boolean linkCut;
    private boolean stopped;
    private int healIn;
    private String comeBack = "";

    World(Scenario scenario, WireServer server) {
        this.scenario = scenario;
        this.server = server;
        this.random = new Random(scenario.seed());
        this.network = scenario.delayedLink() ? Executors.newSingleThreadExecutor() : null;
        this.broker = new FaultyMemoryBroker(scenario.partitions(), network == null ? null : this::carry);
        this.pushy = Pushy.builder()
                .broker(broker.node())
                .tokens(new AnyToken())
                .limits(scenario.limits())
                .policies(new ChannelPolicies(
                        Map.of(
                                ChannelPattern.of(Names.LIVE_ONLY),
                                scenario.policy().withHistory(0, Duration.ZERO)),
                        scenario.policy()))
                .start();
        this.handler = PushyHandler.builder(pushy)
                .publisher("tests", "0123456789abcdef")
                .streams(scenario.ping(), Duration.ofHours(1))
                .ping(scenario.ping())
                .build();
        this.prefix = server.mount(handler);
        this.journal = new Journal(broker, pushy);
        journal.snapshot();
        for (int i = 0; i < scenario.clients(); i++) {
            clients.add(new WireClient(this, i, new Random(random.nextLong())));
        }
    }

    private void carry(Runnable delivery) {
        network.execute(() -> {
            if ((delivery.hashCode() & 7) == 0) {
                LockSupport.parkNanos(100_000);
            }
            delivery.run();
        });
    }

    private static final class AnyToken implements TokenService {
        @Override
        public Grant verify(String token) {
            return Grant.of("anna", List.of(ChannelPattern.of("**")));
        }

        @Override
        public String issue(Grant grant) {
            throw new UnsupportedOperationException("no tokens are issued");
        }
    }

    Scenario scenario() {
        return scenario;
    }

    Journal journal() {
        return journal;
    }

    List<WireClient> clients() {
        return clients;
    }

    String prefix() {
        return prefix;
    }

    int port() {
        return server.port();
    }

    int receiveBuffer() {
        return scenario.kind().isSlow() ? 2_048 : 0;
    }

    /** A client has connected. Any thread. */
    void came() {
        lives.incrementAndGet();
    }

    /** How many connections there were. Any thread. */
    int lives() {
        return lives.get();
    }

    /** Whether the server may end a connection so. */
    boolean mayEnd(String why) {
        boolean late = scenario.ping().toMillis() < 1_000 && why.equals("close 1001");
        boolean slow = scenario.kind().isSlow() && (why.equals("close 4508") || why.equals("end of stream"));
        return late || slow;
    }

    /** Keeps a socket open that nobody reads. Any thread. */
    void forget(Runnable close) {
        synchronized (vanished) {
            vanished.add(close);
            if (vanished.size() > MAX_VANISHED) {
                vanished.remove().run();
            }
        }
    }

    /**
     * Many threads at once: some with clients of their own that come, go and change their subscriptions, some that publish,
     * one that breaks the link; then everybody reads what is left. However slow the clients are, they have come so often in
     * the end. Answers what is wrong.
     */
    List<String> storm(int drivers, int publishers, int messages, int leastLives) {
        AtomicInteger left = new AtomicInteger(messages);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < publishers; i++) {
            threads.add(start(i, own -> {
                for (awaitLives(left, messages, leastLives);
                        left.getAndDecrement() > 0;
                        awaitLives(left, messages, leastLives)) {
                    journal.publish(channel(own), padding(own));
                    if (own.nextInt(16) == 0) {
                        LockSupport.parkNanos(own.nextInt(3_000_000));
                    }
                }
            }));
        }
        for (int i = 0; i < drivers; i++) {
            List<WireClient> mine = new ArrayList<>();
            for (int c = i; c < clients.size(); c += drivers) {
                mine.add(clients.get(c));
            }
            threads.add(start(100 + i, own -> {
                while (left.get() > 0) {
                    drive(mine.get(own.nextInt(mine.size())), own);
                }
            }));
        }
        threads.add(start(200, own -> {
            while (left.get() > 0) {
                LockSupport.parkNanos(own.nextInt(50_000_000));
                journal.fault(broker::cut);
                LockSupport.parkNanos(own.nextInt(2_000_000));
                journal.fault(broker::heal);
            }
        }));
        threads.forEach(World::join);
        return judge(settle());
    }

    /** Holds a publisher up that would be through before the clients are. */
    private void awaitLives(AtomicInteger left, int messages, int leastLives) {
        while (left.get() > 0 && (long) (messages - left.get()) * leastLives > (lives() + 1L) * messages) {
            LockSupport.parkNanos(100_000);
        }
    }

    private Thread start(int number, Consumer<Random> body) {
        Random own = new Random(scenario.seed() * 1_000 + number);
        Thread thread = new Thread(() -> body.accept(own));
        thread.start();
        return thread;
    }

    private static void drive(WireClient client, Random own) {
        int dice = own.nextInt(100);
        if (!client.isConnected()) {
            client.connect();
        } else if (dice < 70) {
            client.read(1 + own.nextInt(16 * 1024));
        } else if (dice < 82) {
            client.add();
        } else if (dice < 94) {
            client.remove();
        } else {
            client.drop();
        }
    }

    private List<String> judge(List<String> owing) {
        List<String> faults = new ArrayList<>(owing);
        for (WireClient client : clients) {
            client.faults.forEach(fault -> faults.add(fault + " -- " + client));
            faults.addAll(new Oracle(scenario, journal, client).check());
        }
        return faults;
    }

    /** Plays all steps, then lets everything heal and everybody read; answers what is wrong. */
    List<String> play() {
        Thread crowd = scenario.crowd() ? startCrowd() : null;
        for (int i = 0; i < scenario.steps(); i++) {
            step();
            if (random.nextInt(3) == 0) {
                LockSupport.parkNanos(random.nextInt(400_000));
            }
        }
        join(crowd);
        heal();
        return judge(settle());
    }

    private Thread startCrowd() {
        Random own = new Random(scenario.seed() + 1);
        Thread thread = new Thread(() -> {
            for (int i = 0; i < scenario.steps() * 2; i++) {
                journal.publish(channel(own), padding(own));
                if (own.nextInt(4) == 0) {
                    LockSupport.parkNanos(100_000);
                }
            }
        });
        thread.start();
        return thread;
    }

    private static void join(@Nullable Thread thread) {
        try {
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String channel(Random from) {
        return Names.CHANNELS.get(from.nextInt(Names.CHANNELS.size()));
    }

    private int padding(Random from) {
        return scenario.kind().isSlow() ? from.nextInt(700) : from.nextInt(40);
    }

    private WireClient client() {
        return clients.get(random.nextInt(clients.size()));
    }

    private void step() {
        for (WireClient client : clients) {
            if (!client.isConnected() && --client.away <= 0) {
                note("connect " + client.index);
                client.connect();
            }
            client.asleep--;
            if (client.asleep <= 0 && random.nextInt(3) == 0) {
                client.read(64 * 1024);
            }
        }
        if (healIn > 0 && --healIn == 0) {
            heal();
        }
        int dice = random.nextInt(100);
        if (dice < 35) {
            journal.publish(channel(random), padding(random));
        } else if (dice < 45) {
            burst();
        } else if (dice < 60) {
            client().read(1 + random.nextInt(600));
        } else if (dice < 70) {
            WireClient client = client();
            note("drop " + client.index);
            client.drop();
        } else if (dice < 78) {
            client().add();
        } else if (dice < 84) {
            client().remove();
        } else if (dice < 88) {
            client().asleep = random.nextInt(scenario.kind().isSlow() ? 40 : 10);
        } else {
            fault();
        }
    }

    private void note(String what) {
        trace.add(journal.now() + ": " + what);
    }

    private void burst() {
        int count = scenario.kind().isSlow() ? 60 : scenario.kind() == Scenario.Kind.MAILBOX ? 50 : 8;
        for (int i = random.nextInt(count) + 1; i > 0; i--) {
            journal.publish(channel(random), padding(random));
        }
    }

    private void fault() {
        Scenario.Kind kind = scenario.kind();
        if (kind.forgets() && random.nextInt(3) == 0) {
            forgetSome();
        } else if (kind.goesBack() && random.nextInt(3) == 0) {
            note("snapshot");
            journal.snapshot();
        } else if (kind.cutsLinks() && !linkCut && !stopped) {
            breakSomething(kind);
        }
    }

    private void forgetSome() {
        if (random.nextBoolean()) {
            String channel = channel(random);
            note("expire " + channel);
            journal.fault(() -> broker.expire(Channel.of(channel)));
        } else {
            int entries = random.nextInt(40);
            note("keep " + entries);
            journal.fault(() -> broker.keepIndex(entries));
        }
    }

    private void breakSomething(Scenario.Kind kind) {
        healIn = 1 + random.nextInt(12);
        if (random.nextBoolean()) {
            note("cut");
            linkCut = true;
            journal.fault(broker::cut);
        } else {
            stopped = true;
            comeBack = kind == Scenario.Kind.CUTS ? "same" : kind == Scenario.Kind.OLD ? "old" : oldOrEmpty();
            note("stop, then " + comeBack);
            journal.fault(broker::stop);
        }
    }

    private String oldOrEmpty() {
        return switch (random.nextInt(4)) {
            case 0 -> "same";
            case 1 -> "empty";
            default -> "old";
        };
    }

    private void heal() {
        if (stopped) {
            stopped = false;
            note("start " + comeBack);
            switch (comeBack) {
                case "same" -> journal.fault(broker::startAgain);
                case "old" -> journal.restartFromSnapshot();
                default -> journal.restartEmpty();
            }
        }
        if (linkCut) {
            linkCut = false;
            note("heal");
            journal.fault(broker::heal);
        }
    }

    /** Reads until every client has what it is owed, and then a little more. */
    private List<String> settle() {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        List<String> owing = List.of("not looked yet");
        while (!owing.isEmpty() && System.nanoTime() < deadline) {
            int read = readAll();
            if (read == 0) {
                owing = owing();
                LockSupport.parkNanos(1_000_000);
            }
        }
        for (int i = 0; i < 3; i++) {
            LockSupport.parkNanos(1_000_000);
            readAll();
        }
        return new ArrayList<>(owing);
    }

    private int readAll() {
        int read = 0;
        for (WireClient client : clients) {
            client.connect();
            read += client.read(64 * 1024);
        }
        return read;
    }

    private List<String> owing() {
        List<String> owing = new ArrayList<>();
        for (WireClient client : clients) {
            if (!client.isSettled()) {
                owing.add("STUCK " + client);
            }
            owing.addAll(new Oracle(scenario, journal, client).missingTail());
        }
        return owing;
    }

    /** Ends all connections; answers what is left of them. */
    List<String> end() {
        clients.forEach(WireClient::drop);
        vanished.forEach(Runnable::run);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!isEmpty(pushy.hub().stats()) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(500_000);
        }
        HubStats stats = pushy.hub().stats();
        return isEmpty(stats)
                ? List.of()
                : List.of("LEAK " + stats.connections() + " connections, " + stats.subscriptions() + " subscriptions");
    }

    private static boolean isEmpty(HubStats stats) {
        return stats.subscriptions() == 0
                && stats.connections().values().stream().allMatch(open -> open == 0);
    }

    /** What happened, for people. */
    String story() {
        return scenario + "\n"
                + trace.stream().collect(Collectors.joining("\n  ", "  ", "\n"))
                + clients.stream()
                        .map(client -> client + "\n"
                                + client.log.stream()
                                        .map(Object::toString)
                                        .collect(Collectors.joining("\n    ", "    ", "\n")))
                        .collect(Collectors.joining());
    }

    @Override
    public void close() {
        server.unmount(prefix);
        handler.close();
        pushy.close();
        if (network != null) {
            network.shutdown();
        }
    }
}
