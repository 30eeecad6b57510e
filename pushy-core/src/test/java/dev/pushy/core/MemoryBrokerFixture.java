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
    private final MemoryFaults faults;
    private volatile Duration passed = Duration.ZERO;

    MemoryBrokerFixture(int partitions) {
        this.faults = new MemoryFaults(partitions, () -> Instant.now().plus(passed));
    }

    @Override
    public Broker createNode() {
        ExecutorService network = Executors.newSingleThreadExecutor();
        networks.add(network);
        return faults.node(network);
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
        faults.cut(link(node));
    }

    @Override
    public void healLink(Broker node) {
        faults.heal(link(node));
    }

    @Override
    public void dropDelivery(Broker node) {
        faults.dropDelivery(link(node));
    }

    @Override
    public void pause() {
        faults.stop();
    }

    @Override
    public void resume() {
        faults.startAgain();
    }

    @Override
    public void restartEmpty() {
        faults.stop();
        faults.startEmpty();
    }

    /** There is no other one; for the nodes it looks like this. */
    @Override
    public void handOver() {
        failOver();
    }

    /** See {@link #handOver}. */
    @Override
    public void failOver() {
        faults.stop();
        faults.startAgain();
    }

    @Override
    public void snapshot() {
        faults.snapshot();
    }

    @Override
    public void restartFromSnapshot() {
        faults.stop();
        faults.startFromSnapshot();
    }

    @Override
    public void loseTail(int messages) {
        faults.stop();
        faults.startWithoutNewest(messages);
    }

    @Override
    public void failNext(PublishException.Outcome outcome) {
        faults.failNext(outcome);
    }

    @Override
    public void trim(Channel channel) {
        faults.expire(channel);
    }

    @Override
    public void trimIndex(int entries) {
        faults.keepIndex(entries);
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
