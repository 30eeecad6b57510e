package dev.pushy.server.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pushy.core.Position;
import dev.pushy.core.contract.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Backends that publish one message after the other, each to any node that lives. What had no answer they send again with
 * the same key until it has; what was refused they send again or give up, and then nobody may hear it.
 */
final class Publishers implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int COUNT = 4;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** Longer than a server tries by itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Cluster cluster;
    private final Ledger ledger;
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger busy = new AtomicInteger();
    private volatile boolean going;
    private volatile boolean over;
    private volatile int padding = 100;
    private volatile @Nullable Round round;

    Publishers(Cluster cluster, Ledger ledger, Random seeds) {
        this.cluster = cluster;
        this.ledger = ledger;
        for (int i = 0; i < COUNT; i++) {
            int number = i;
            Random random = new Random(seeds.nextLong());
            Thread thread = new Thread(() -> run(number, random), "publisher-" + i);
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Publishing goes on. */
    void go(Round now) {
        round = now;
        going = true;
    }

    /** How much each message carries with it, at most, in characters. */
    void padding(int characters) {
        padding = characters;
    }

    /** Waits until so many more messages are accepted. */
    void awaitAccepted(int more) {
        int enough = accepted.get() + more;
        Await.until(() -> accepted.get() >= enough, () -> "only " + accepted + " of " + enough + " are accepted");
    }

    /** Stops publishing, and waits until it is known of each message what became of it. */
    void pause() {
        going = false;
        Await.until(() -> busy.get() == 0, () -> "unknown after all this time: " + open());
    }

    private List<Message> open() {
        return ledger.ofRound().stream()
                .filter(message -> message.fate() == Message.Fate.OPEN)
                .toList();
    }

    /** What servers answered that they may not. */
    List<String> faults() {
        List<String> all = List.copyOf(faults);
        faults.clear();
        return all;
    }

    private void run(int number, Random random) {
        while (!over) {
            busy.incrementAndGet();
            try {
                if (going) {
                    String channel = Names.CHANNELS.get(random.nextInt(Names.CHANNELS.size()));
                    publish(ledger.begin(channel, number), random, random.nextInt(4) > 0);
                }
            } catch (RuntimeException | Error failed) {
                faults.add("publisher " + number + " failed: " + failed);
            } finally {
                busy.decrementAndGet();
            }
            LockSupport.parkNanos(PAUSE_NANOS + random.nextInt((int) PAUSE_NANOS));
        }
    }

    /** The last message of each channel, when all is well. */
    Marks mark(Random random) {
        Map<String, Integer> numbers = new HashMap<>();
        for (String channel : Names.CHANNELS) {
            Message message = ledger.begin(channel, COUNT);
            publish(message, random, true);
            numbers.put(channel, message.number);
        }
        return new Marks(numbers);
    }

    private void publish(Message message, Random random, boolean stubborn) {
        String body = "{\"data\":{\"n\":" + message.number + ",\"pad\":\""
                + "x".repeat(padding == 0 ? 0 : random.nextInt(padding)) + "\"},\"key\":\"k" + message.number + "\"}";
        while (message.fate() == Message.Fate.OPEN && !over) {
            HttpResponse<String> answer = post(message, body, random);
            if (answer != null) {
                judge(message, answer, stubborn);
            }
            if (message.fate() == Message.Fate.OPEN) {
                LockSupport.parkNanos(PAUSE_NANOS * 2);
            }
        }
        if (message.fate() == Message.Fate.ACCEPTED && random.nextInt(20) == 0) {
            repeat(message, body, random);
        }
    }

    /** The answer of some node; null if none came. */
    private @Nullable HttpResponse<String> post(Message message, String body, Random random) {
        Node node = cluster.any(random);
        if (node == null) {
            return null;
        }
        HttpRequest request = HttpRequest.newBuilder(node.uri("/publish/" + message.channel))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("X-Client-ID", Cluster.CLIENT_ID)
                .header("X-Client-Secret", Cluster.CLIENT_SECRET)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return cluster.http().send(request, HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException nobodyThere) {
            return null;
        } catch (IOException noAnswer) {
            message.doubt();
            return null;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void judge(Message message, HttpResponse<String> answer, boolean stubborn) {
        switch (answer.statusCode()) {
            case 200 -> {
                message.accepted(position(answer));
                accepted.incrementAndGet();
            }
            case 429, 503 -> {
                if (!stubborn && !message.isDoubtful()) {
                    message.refused();
                }
            }
            case 504 -> message.doubt();
            default -> {
                faults.add("ANSWER " + answer.statusCode() + " " + answer.body() + " to " + message);
                message.doubt();
            }
        }
    }

    private static Position position(HttpResponse<String> answer) {
        Position position = Ledger.position(json(answer).path("id").asText());
        if (position == null) {
            throw new AssertionError("no id in " + answer.body());
        }
        return position;
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + answer.body(), e);
        }
    }

    /** The same key once more: it must be the same message, unless Redis has lost the key. */
    private void repeat(Message message, String body, Random random) {
        HttpResponse<String> answer = post(message, body, random);
        if (answer == null || answer.statusCode() != 200) {
            return;
        }
        Round now = round;
        boolean same =
                json(answer).path("duplicate").asBoolean() && position(answer).equals(message.position());
        if (!same && now != null && !now.fault().isLossy()) {
            faults.add("REPEATED " + message + " was accepted anew: " + answer.body());
        } else if (!same) {
            message.doubt();
            message.accepted(position(answer));
        }
    }

    @Override
    public void close() {
        over = true;
        going = false;
    }
}
