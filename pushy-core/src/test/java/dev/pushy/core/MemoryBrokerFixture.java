package dev.pushy.core;

import dev.pushy.core.contract.BrokerFixture;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Several nodes at one log in memory, each with a thread that stands for its link; plays every fault. */
final class MemoryBrokerFixture extends BrokerFixture {
    private final List<ExecutorService> networks = new ArrayList<>();
    private final MemoryCluster cluster;
    private volatile Duration passed = Duration.ZERO;

    MemoryBrokerFixture(int partitions) {
        this.cluster = new MemoryCluster(
                partitions, Duration.ofHours(1), 1L << 28, () -> Instant.now().plus(passed));
    }

    @Override
    public Broker createNode() {
        ExecutorService network = Executors.newSingleThreadExecutor();
        networks.add(network);
        return new MemoryBroker(cluster, network);
    }

    private static MemoryLink link(Broker node) {
        return ((MemoryBroker) node).link();
    }

    @Override
    public void advance(Duration time) {
        passed = passed.plus(time);
    }

    @Override
    public void cutLink(Broker node) {
        cluster.cut(link(node));
    }

    @Override
    public void healLink(Broker node) {
        cluster.heal(link(node));
    }

    @Override
    public void dropDelivery(Broker node) {
        cluster.dropDelivery(link(node));
    }

    @Override
    public void pause() {
        cluster.stop();
    }

    @Override
    public void resume() {
        cluster.startAgain();
    }

    @Override
    public void restartEmpty() {
        cluster.stop();
        cluster.startEmpty();
    }

    /** There is no other one; for the nodes it looks like this. */
    @Override
    public void handOver() {
        failOver();
    }

    /** See {@link #handOver}. */
    @Override
    public void failOver() {
        cluster.stop();
        cluster.startAgain();
    }

    @Override
    public void snapshot() {
        cluster.snapshot();
    }

    @Override
    public void restartFromSnapshot() {
        cluster.stop();
        cluster.startFromSnapshot();
    }

    @Override
    public void loseTail(int messages) {
        cluster.stop();
        cluster.startWithoutNewest(messages);
    }

    @Override
    public void failNext(PublishException.Outcome outcome) {
        cluster.failNext(outcome);
    }

    @Override
    public void trim(Channel channel) {
        cluster.expire(channel);
    }

    @Override
    public void trimIndex(int entries) {
        cluster.keepIndex(entries);
    }

    @Override
    public void close() {
        networks.forEach(ExecutorService::shutdown);
        for (ExecutorService network : networks) {
            try {
                if (!network.awaitTermination(10, TimeUnit.SECONDS)) {
                    throw new AssertionError("a link still delivers after all nodes were closed");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
