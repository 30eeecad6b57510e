package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The log loses its tail, which one node has heard and another has not: what the first has to say must reach the log. */
class WitnessTest {
    private static final Channel CHANNEL = Channel.of("a");
    private static final PublishOptions LOGGED = new PublishOptions(100, Duration.ofMinutes(5));
    private static final long CANARY_MILLIS = 5_000;
    private static final String FORK = "gap fork a";

    private final VirtualTime time = new VirtualTime(1, 1);
    private final MemoryFaults faults = new MemoryFaults(1, () -> Instant.ofEpochMilli(time.now()));
    private final Node witness = new Node();
    private final Node other = new Node();

    /** A node with one client, whose way to vouch can be closed. */
    private final class Node {
        private final RefusingBroker broker = new RefusingBroker(faults.node(time.new Lane(1)));
        private final Pushy pushy =
                Pushy.builder().broker(broker).timers(time.timers()).start();
        private final RecordingConnection client = new RecordingConnection("1.1", time.new Loop(), new LineFormat());

        private Node() {
            pushy.hub()
                    .connect(client, Grant.of("anna", List.of(ChannelPattern.of("**"))), client)
                    .open(List.of(ChannelPattern.of("a")), Resume.NOW);
        }

        private List<String> gaps() {
            return client.received.stream()
                    .filter(line -> line.startsWith("gap "))
                    .toList();
        }
    }

    private static final class RefusingBroker extends QuestionedBroker {
        private boolean refuses;
        private int testimonies;

        private RefusingBroker(MemoryBroker broker) {
            super(broker);
        }

        @Override
        <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
            return question.get();
        }

        @Override
        public CompletionStage<Void> vouch(Position position, long setbacks) {
            testimonies++;
            if (refuses) {
                return CompletableFuture.failedFuture(new UnavailableException("as the test wants it"));
            }
            return super.vouch(position, setbacks);
        }
    }

    @AfterEach
    void close() {
        witness.pushy.close();
        other.pushy.close();
        assertEquals(List.of(), time.failures());
    }

    private void pass(long millis) {
        time.runUntil(time.now() + millis);
    }

    private Position publish(String data) {
        Receipt receipt = witness.broker
                .publish(Publication.of(CHANNEL, data), LOGGED)
                .toCompletableFuture()
                .join();
        pass(100);
        return receipt.position();
    }

    private Position publishWhatOnlyTheWitnessHears() {
        pass(100);
        publish("kept");
        faults.cut(other.broker.link());
        return publish("lost");
    }

    /** The first message has come to both nodes, the second to one, and the log has only the first. */
    private void loseWhatOnlyTheWitnessHeard() {
        publishWhatOnlyTheWitnessHears();
        faults.stop();
        faults.startWithoutNewest(1);
        faults.heal(other.broker.link());
        pass(1_000);
        assertEquals(List.of("a kept", "a lost"), witness.client.messages());
        assertEquals(List.of("a kept"), other.client.messages());
    }

    @Test
    void testimony_taken_isHeardByTheOther() {
        loseWhatOnlyTheWitnessHeard();

        assertEquals(1, faults.setbacks(0));
        assertEquals(List.of(FORK), witness.gaps());
        assertEquals(List.of(FORK), other.gaps());
    }

    @Test
    void testimony_refused_isGivenAgainUntilTheLogTakesIt() {
        witness.broker.refuses = true;
        loseWhatOnlyTheWitnessHeard();
        assertEquals(1, witness.broker.testimonies);
        assertEquals(List.of("gap ahead a"), witness.gaps());
        assertEquals(List.of(), other.gaps(), "nobody has told the log");

        pass(2 * CANARY_MILLIS);
        assertTrue(witness.broker.testimonies > 1, "it was not given again");
        witness.broker.refuses = false;
        pass(CANARY_MILLIS + 1_000);
        publish("next");

        assertEquals(1, faults.setbacks(0));
        assertEquals(List.of(FORK), other.gaps());
        assertEquals(List.of("a kept", "a next"), other.client.messages());
        assertEquals(List.of("a kept", "a lost", "a next"), witness.client.messages());
    }

    @Test
    void testimony_refused_isNotGivenAgainWhenAnotherHasSaidIt() {
        witness.broker.refuses = true;
        loseWhatOnlyTheWitnessHeard();
        Position lost = new Position(0, faults.end(0).epoch(), faults.end(0).offset() + 1, 1);
        other.broker.vouch(lost, 0).toCompletableFuture().join();
        pass(1_000);
        int given = witness.broker.testimonies;
        witness.broker.refuses = false;
        pass(3 * CANARY_MILLIS);

        assertEquals(given, witness.broker.testimonies);
        assertEquals(1, faults.setbacks(0));
        assertEquals(List.of(FORK), other.gaps());
    }

    /** What somebody said to a log that then lost it as well is no reason to keep silent. */
    @Test
    void setback_lostWithTheTail_isTakenAgain() {
        Position lost = publishWhatOnlyTheWitnessHears();
        faults.stop();
        faults.startWithoutNewest(1);
        other.broker.vouch(lost, 0).toCompletableFuture().join();
        assertEquals(1, faults.setbacks(0));
        faults.stop();
        faults.startWithoutNewest(1);
        assertEquals(0, faults.setbacks(0));
        pass(1_000);

        assertEquals(1, faults.setbacks(0));
        assertEquals(List.of(FORK), other.gaps());
    }
}
