package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
    private final MemoryFaults faults = new MemoryFaults(1, InstantSource.system());

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
        MemoryBroker broker = faults.node(network::add);
        broker.start(new Recorder());
        deliver();
        faults.cut(broker.link());
        deliver();
        faults.heal(broker.link());
        faults.cut(broker.link());
        faults.heal(broker.link());
        deliver();
        assertEquals(List.of("up", "down", "up"), heard);
    }

    @Test
    void linkThatBreaksBeforeItWasToldToBeUp_isNotToldBroken() {
        MemoryBroker broker = faults.node(network::add);
        broker.start(new Recorder());
        faults.cut(broker.link());
        deliver();
        assertEquals(List.of(), heard);
        faults.heal(broker.link());
        deliver();
        assertEquals(List.of("up"), heard);
    }
}
