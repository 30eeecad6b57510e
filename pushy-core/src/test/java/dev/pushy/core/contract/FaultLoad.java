package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishException;
import dev.pushy.core.PublishException.Outcome;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Publishers that go on while faults happen, and the books about what the broker accepted. */
final class FaultLoad implements AutoCloseable {
    private static final int PUBLISHERS = 2;

    private final List<Broker> nodes;
    private final List<Channel> channels;
    private final PublishOptions options;
    private final ExecutorService pool = Executors.newFixedThreadPool(PUBLISHERS);
    private final List<Future<?>> publishers = new ArrayList<>();
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Map<String, Receipt> receipts = new HashMap<>();
    private final Map<String, Channel> channelOf = new HashMap<>();
    private final Set<String> rejected = new HashSet<>();

    FaultLoad(List<Broker> nodes, List<Channel> channels, PublishOptions options) {
        this.nodes = List.copyOf(nodes);
        this.channels = channels;
        this.options = options;
    }

    FaultLoad start() {
        for (int p = 0; p < PUBLISHERS; p++) {
            int publisher = p;
            publishers.add(pool.submit(() -> {
                for (int i = 0; !done.get(); i++) {
                    publish(
                            nodes.get(publisher % nodes.size()),
                            channels.get(i % channels.size()),
                            publisher + ":" + i);
                    LockSupport.parkNanos(100_000);
                }
            }));
        }
        awaitMore(50);
        return this;
    }

    /** Waits until so many more messages were accepted. */
    void awaitMore(int messages) {
        int goal = accepted.get() + messages;
        Await.until(() -> accepted.get() >= goal || anyFailed(), () -> "accepted " + accepted + " of " + goal);
        assertTrue(accepted.get() >= goal, "a publisher failed");
    }

    private boolean anyFailed() {
        return publishers.stream().anyMatch(Future::isDone);
    }

    private void publish(Broker node, Channel channel, String data) {
        PublishOptions keyed = options.withKey("key " + data);
        for (int attempt = 0; attempt < 10_000; attempt++) {
            try {
                Receipt receipt = attempt(node, channel, data, keyed);
                synchronized (this) {
                    receipts.put(receipt.id(), receipt);
                    channelOf.put(receipt.id(), channel);
                }
                accepted.incrementAndGet();
                return;
            } catch (PublishException failed) {
                boolean refused = failed.outcome() == Outcome.REJECTED || failed.outcome() == Outcome.OVERLOADED;
                assertTrue(refused || failed.outcome() == Outcome.UNKNOWN, failed.getMessage());
                LockSupport.parkNanos(1_000_000);
                // What was refused behind an attempt of unknown fate may have been accepted by that.
                if (refused && attempt == 0) {
                    synchronized (this) {
                        rejected.add(data);
                    }
                    return;
                }
            }
        }
        throw new AssertionError("nobody knows what became of " + data);
    }

    private static Receipt attempt(Broker node, Channel channel, String data, PublishOptions options) {
        try {
            return node.publish(Publication.of(channel, "\"" + data + "\""), options)
                    .toCompletableFuture()
                    .orTimeout(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof PublishException failed) {
                throw failed;
            }
            throw e;
        }
    }

    /** Waits until every node has read what it missed. */
    void awaitRecovered(List<RecoveringNode> readers) {
        for (RecoveringNode reader : readers) {
            Await.until(reader::isLive, () -> "a node does not recover; faults " + reader.faults());
        }
    }

    /** Ends the load, publishes once more on every channel, and waits until every node has that. */
    void finish(List<RecoveringNode> readers) throws Exception {
        done.set(true);
        for (Future<?> publisher : publishers) {
            publisher.get();
        }
        // What a node misses while its link is still down may be among what a fork or reset leaves out, as it is told.
        awaitRecovered(readers);
        for (Channel channel : channels) {
            Receipt last = Await.get(CompletableFuture.supplyAsync(
                    () -> attempt(nodes.get(0), channel, "last", options), Runnable::run));
            receipts.put(last.id(), last);
            channelOf.put(last.id(), channel);
            for (RecoveringNode reader : readers) {
                Await.until(
                        () -> reader.has(last.id()),
                        () -> "the last message of " + channel + " does not arrive; faults " + reader.faults());
            }
        }
    }

    /** What was accepted and the node has not received, by channel. */
    synchronized Map<Channel, Integer> missing(RecoveringNode reader) {
        Map<Channel, Integer> missing = new HashMap<>();
        receipts.forEach((id, receipt) -> {
            if (!reader.has(id)) {
                missing.merge(channelOf.get(id), 1, Integer::sum);
            }
        });
        return missing;
    }

    /** What the node received though the publisher was told that it was not accepted. */
    synchronized List<String> ghosts(RecoveringNode reader) {
        return reader.received().stream()
                .map(BrokerCluster::data)
                .filter(rejected::contains)
                .toList();
    }

    int accepted() {
        return accepted.get();
    }

    @Override
    public void close() {
        done.set(true);
        pool.shutdownNow();
    }
}
