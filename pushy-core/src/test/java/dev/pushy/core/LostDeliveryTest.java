package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A message that a link lost without breaking: the next one of its channel names it, and somebody must say so. */
class LostDeliveryTest {
    private final ManualEventLoop loop = new ManualEventLoop();
    private final MemoryFaults faults = new MemoryFaults(1, InstantSource.system());
    private final MemoryBroker broker = faults.node(null);
    private final Pushy pushy = Pushy.builder().broker(broker).start();
    private final RecordingConnection connection = new RecordingConnection("1.1", loop, new LineFormat());

    @AfterEach
    void close() {
        pushy.close();
    }

    private void open(String... patterns) {
        pushy.hub()
                .connect(connection, Grant.of("anna", List.of(ChannelPattern.of("**"))), connection)
                .open(List.of(patterns).stream().map(ChannelPattern::of).toList(), Resume.NOW);
        loop.run();
    }

    private void publish(String channel, String data) {
        pushy.publish(channel, data).toCompletableFuture().join();
        loop.advance(100);
    }

    private List<String> gaps() {
        return connection.received.stream()
                .filter(line -> line.startsWith("gap"))
                .toList();
    }

    @Test
    void messageLostJustBeforeTheNextOne_isReadAgain() {
        open("a", "b");
        publish("a", "1");
        faults.dropDelivery(broker.link());
        publish("a", "2");
        publish("a", "3");
        publish("b", "4");
        assertEquals(List.of("a \"1\"", "a \"2\"", "a \"3\"", "b \"4\""), connection.messages());
        assertEquals(List.of(), gaps());
    }

    @Test
    void messageLostBeforeThoseOfOtherChannels_isAnnounced() {
        open("a", "b");
        publish("a", "1");
        faults.dropDelivery(broker.link());
        publish("a", "2");
        publish("b", "3");
        publish("a", "4");
        publish("a", "5");
        assertEquals(List.of("a \"1\"", "b \"3\"", "a \"4\"", "a \"5\""), connection.messages());
        assertEquals(List.of("gap expired a"), gaps());
    }
}
