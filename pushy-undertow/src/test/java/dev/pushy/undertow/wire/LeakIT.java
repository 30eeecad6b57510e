package dev.pushy.undertow.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.HubStats;
import dev.pushy.core.Limits;
import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** After many connections that ended in every way in which connections end, nothing of them is left. */
class LeakIT {
    private static final int CONNECTIONS = 20_000;
    private static final int WARM_UP = 1_500;
    private static final int DRIVERS = 4;
    /** What belongs to one connection or one subscription; instances of these must all be gone. */
    private static final Pattern OF_A_CONNECTION = Pattern.compile("dev\\.pushy\\.(core\\.(Subscriber|Subscription|"
            + "SubscriberGroup|Recovery|Recovery\\$Part|Addition|PartitionRead|Replay|Interest)"
            + "|undertow\\.protocol\\.(JsonSession|SseSession|PollSession|ClientRequest|TokenClock)"
            + "|undertow\\.transport\\.(SseConnection|WebSocketConnection|FrameReader|Overflow))"
            + "|io\\.undertow\\.server\\.(HttpServerExchange|protocol\\.http\\.HttpServerConnection)");

    private static final Pattern HISTOGRAM_LINE = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    @Test
    void connections_comeAndGo_nothingIsLeft() throws Exception {
        Limits limits = Limits.builder().interestLinger(Duration.ofMillis(50)).build();
        try (Node node = new Node(0, limits, settings -> settings.authTimeout(Duration.ofMillis(500)))) {
            visit(node, WARM_UP);
            awaitNobody(node);
            int files = openFiles();
            long bytes = bytesInUse();

            visit(node, CONNECTIONS);
            awaitNobody(node);

            Await.until(() -> openFiles() <= files, () -> openFiles() + " open files, before there were " + files);
            // A timer may still hold an interest that another one has forgotten.
            Await.until(
                    () -> leftOvers().isEmpty(),
                    () -> "objects of connections that have ended are left: " + leftOvers());
            long grown = bytesInUse() - bytes;
            assertTrue(grown < 4 << 20, "the heap has grown by " + grown + " bytes");
            assertEquals(List.of(), List.copyOf(failures));
        }
    }

    private void visit(Node node, int count) throws InterruptedException {
        AtomicInteger left = new AtomicInteger(count);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < DRIVERS; i++) {
            Random random = new Random(i);
            threads.add(new Thread(() -> {
                try {
                    while (left.getAndDecrement() > 0) {
                        visit(node, random);
                    }
                } catch (IOException | RuntimeException | AssertionError e) {
                    failures.add(e);
                }
            }));
        }
        threads.forEach(Thread::start);
        while (left.get() > 0 && failures.isEmpty()) {
            node.publish("news." + left.get() % 7, "{\"n\":1}");
            java.util.concurrent.locks.LockSupport.parkNanos(500_000);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), List.copyOf(failures));
    }

    private static void visit(Node node, Random random) throws IOException {
        String channels =
                "news." + random.nextInt(7) + (random.nextBoolean() ? ",news.*,user." + random.nextInt() : "");
        boolean reset = random.nextInt(8) > 0;
        switch (random.nextInt(10)) {
            case 0 -> partOf(node, "GET " + node.webSocket(channels) + " HTTP/1.1\r\nHost: x\r\nUpgr", reset);
            case 1 -> partOf(node, "", reset);
            case 2 ->
                partOf(
                        node,
                        "GET " + node.prefix + "/channels/poll?token=any&wait=60&since=now&channels=" + channels
                                + " HTTP/1.1\r\nHost: x\r\n\r\n",
                        reset);
            case 3 -> Tally.webSocket(node, channels).socket().close(reset);
            case 4 -> Tally.stream(node, channels).socket().close(reset);
            case 5, 6 -> {
                Tally stream = Tally.stream(node, channels);
                awaitOpen(stream);
                stream.socket().close(reset);
            }
            default -> {
                Tally socket = Tally.webSocket(node, channels);
                awaitOpen(socket);
                change(socket.socket(), random);
                socket.socket().close(reset);
            }
        }
    }

    /** Asks for more and less, perhaps only half of it. */
    private static void change(WireSocket socket, Random random) throws IOException {
        String more = "{\"type\":\"subscribe\",\"channels\":[\"more." + random.nextInt() + "\"],\"since\":\"last:3\"}";
        switch (random.nextInt(4)) {
            case 0 -> socket.sendText(more);
            case 1 -> socket.sendText("{\"type\":\"unsubscribe\",\"channels\":[\"news.*\"]}");
            case 2 -> socket.sendPartOfText(more, 1 + random.nextInt(30));
            default -> {
                socket.sendText(more);
                socket.sendText(more);
                socket.sendPartOfText(more, 5);
            }
        }
    }

    private static void awaitOpen(Tally client) {
        Await.until(
                () -> {
                    client.read();
                    return client.open;
                },
                () -> "not open: " + client.errors);
    }

    /** Sends the beginning of a request, and goes. */
    private static void partOf(Node node, String request, boolean reset) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port()));
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            if (reset) {
                socket.setSoLinger(true, 0);
            }
        }
    }

    private static void awaitNobody(Node node) {
        Await.until(
                () -> isEmpty(node.pushy.hub().stats()),
                () -> "left: " + node.pushy.hub().stats());
    }

    private static boolean isEmpty(HubStats stats) {
        return stats.subscriptions() == 0
                && stats.interests() == 0
                && stats.connections().values().stream().allMatch(open -> open == 0);
    }

    private static int openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        } catch (IOException e) {
            throw new AssertionError("needs /proc to count open files", e);
        }
    }

    /** Instances by class, after a full collection. */
    private static String histogram() {
        try {
            ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(commands, "gcClassHistogram", new Object[] {new String[0]}, new String[] {
                        String[].class.getName()
                    });
        } catch (JMException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, Integer> leftOvers() {
        Map<String, Integer> left = new TreeMap<>();
        for (String line : histogram().lines().toList()) {
            Matcher entry = HISTOGRAM_LINE.matcher(line);
            if (entry.matches() && OF_A_CONNECTION.matcher(entry.group(3)).matches()) {
                left.put(entry.group(3), Integer.parseInt(entry.group(1)));
            }
        }
        return left;
    }

    private static long bytesInUse() {
        long bytes = 0;
        for (String line : histogram().lines().toList()) {
            Matcher entry = HISTOGRAM_LINE.matcher(line);
            bytes += entry.matches() ? Long.parseLong(entry.group(2)) : 0;
        }
        return bytes;
    }
}
