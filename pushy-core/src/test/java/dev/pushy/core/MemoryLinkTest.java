package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemoryLinkTest {
    private final Queue<Runnable> network = new ArrayDeque<>();
    private final List<String> heard = new ArrayList<>();
    private final MemoryCluster cluster = new MemoryCluster(1, Duration.ofHours(1), 1 << 20, InstantSource.system());

    private final class Recorder implements Broker.Listener {
        @Override
        public void onPublication(Publication publication, @Nullable Position previous) {}

        @Override
        public void onPresence(ChannelEvent event) {}

        @Override
        public void onMarker(long marker, Position end) {}

        @Override
        public void onLinkUp(int partition) {
            heard.add("up");
        }

        @Override
        public void onLinkDown(int partition) {
            heard.add("down");
        }

        @Override
        public void onSetback(int partition) {}

        @Override
        public void onControl(ControlMessage message) {}

        @Override
        public void onRevocation(Revocation revocation) {}
    }

    private void deliver() {
        for (Runnable task = network.poll(); task != null; task = network.poll()) {
            task.run();
        }
    }

    @Test
    void linkThatBreaksBeforeItsReturnWasTold_isToldBrokenOnce() {
        MemoryBroker broker = new MemoryBroker(cluster, network::add);
        broker.start(new Recorder());
        deliver();
        cluster.cut(broker.link());
        deliver();
        cluster.heal(broker.link());
        cluster.cut(broker.link());
        cluster.heal(broker.link());
        deliver();
        assertEquals(List.of("up", "down", "up"), heard);
    }

    @Test
    void linkThatBreaksBeforeItWasToldToBeUp_isNotToldBroken() {
        MemoryBroker broker = new MemoryBroker(cluster, network::add);
        broker.start(new Recorder());
        cluster.cut(broker.link());
        deliver();
        assertEquals(List.of(), heard);
        cluster.heal(broker.link());
        deliver();
        assertEquals(List.of("up"), heard);
    }
}
