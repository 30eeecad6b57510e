package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.MessageLog;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the tests of a broker share: a fixture for each, its nodes, and the check that nothing is left behind. */
abstract class BrokerCluster {
    /** Enough that nothing falls out of the history unless the test wants it. */
    static final PublishOptions KEPT = new PublishOptions(10_000, Duration.ofMinutes(5));

    final List<Broker> nodes = new ArrayList<>();
    final List<BrokerRecorder> recorders = new ArrayList<>();
    BrokerFixture fixture;
    private final Threads threads = new Threads();

    /** A deployment without nodes, for one test. */
    protected abstract BrokerFixture createFixture() throws Exception;

    @BeforeEach
    final void createCluster() throws Exception {
        fixture = createFixture();
    }

    @AfterEach
    final void closeCluster() {
        nodes.forEach(Broker::close);
        fixture.close();
        for (BrokerRecorder recorder : recorders) {
            assertEquals(List.of(), recorder.faults());
        }
        threads.awaitNoneLeft();
    }

    /** A started node whose links are up. */
    final Broker node() {
        return node(new BrokerRecorder());
    }

    final Broker node(BrokerRecorder recorder) {
        Broker node = fixture.createNode();
        nodes.add(node);
        recorders.add(recorder);
        node.start(recorder);
        for (int p = 0; p < partitions(node); p++) {
            int partition = p;
            Await.until(
                    () -> recorder.isUp(partition), () -> "the link of partition " + partition + " does not come up");
        }
        return node;
    }

    static int partitions(Broker node) {
        return node.log().map(MessageLog::partitions).orElse(1);
    }

    static MessageLog log(Broker node) {
        return node.log().orElseGet(() -> org.junit.jupiter.api.Assumptions.abort("this broker keeps no log"));
    }

    static void subscribe(Broker node, String... patterns) {
        for (String pattern : patterns) {
            Await.get(node.subscribe(ChannelPattern.of(pattern)));
        }
    }

    static Publication message(String channel, Object data) {
        return Publication.of(Channel.of(channel), "\"" + data + "\"");
    }

    static Receipt publish(Broker node, String channel, Object data) {
        return publish(node, channel, data, KEPT);
    }

    static Receipt publish(Broker node, String channel, Object data, PublishOptions options) {
        return Await.get(node.publish(message(channel, data), options));
    }

    /** The data of a message that was made by {@link #message}. */
    static String data(Publication publication) {
        String json = new String(publication.data(), StandardCharsets.UTF_8);
        return json.substring(1, json.length() - 1);
    }

    /** Waits until a recorder has heard so many messages, and a little beyond them for one too many. */
    static void awaitCount(BrokerRecorder recorder, int count) {
        Await.until(() -> recorder.count() >= count, () -> "heard " + recorder.count() + " of " + count);
        assertEquals(count, recorder.count());
    }

    static void runAll(List<Callable<Void>> tasks) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(tasks.size());
        try {
            for (Future<Void> done : pool.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
