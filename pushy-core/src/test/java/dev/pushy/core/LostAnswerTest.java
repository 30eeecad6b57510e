package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A read whose marker is heard and whose answer is lost, as when the connection for questions breaks: it is made again. */
class LostAnswerTest {
    private static final long RETRY_MILLIS = 2_000;
    private static final Channel OTHER = Channel.of("other");
    private static final PublishOptions LOGGED = new PublishOptions(100, Duration.ofMinutes(5));

    private final ManualEventLoop loop = new ManualEventLoop();
    private final PausingBroker broker = new PausingBroker();
    private final Pushy pushy = Pushy.builder().broker(broker).start();
    private final RecordingConnection connection = new RecordingConnection("1.1", loop, new LineFormat());
    private final Subscriber subscriber =
            pushy.hub().connect(connection, Grant.of("anna", List.of(ChannelPattern.of("**"))), connection);

    @AfterEach
    void close() {
        pushy.close();
    }

    private void open(Resume resume) {
        subscriber.open(List.of(ChannelPattern.of("a")), resume);
        loop.run();
    }

    private void publish(Channel channel, String data) {
        broker.publish(Publication.of(channel, data), LOGGED)
                .toCompletableFuture()
                .join();
        loop.run();
    }

    private void lose(Runnable answer) {
        answer.run();
        loop.run();
    }

    private void tryAgain() {
        loop.advance(RETRY_MILLIS);
        broker.resume();
        loop.advance(RETRY_MILLIS);
    }

    private void assertHeard(String... messages) {
        assertEquals(List.of(messages), connection.messages());
    }

    @Test
    void resume_whatCameBehindTheMarkerOfTheLostRead_comesOnce() {
        publish(Channel.of("a"), "1");
        broker.pause();
        open(new Resume.Last(10));
        Runnable answer = broker.loseNext();
        publish(Channel.of("a"), "2");
        lose(answer);
        publish(Channel.of("a"), "3");
        tryAgain();
        publish(Channel.of("a"), "4");

        assertHeard("a 1", "a 2", "a 3", "a 4");
    }

    @Test
    void add_whatCameBehindTheMarkerOfTheLostRead_comesOnce() {
        open(Resume.NOW);
        broker.pause();
        subscriber.add(List.of(ChannelPattern.of("b")), new Resume.Last(10), added -> {});
        loop.run();
        Runnable answer = broker.loseNext();
        publish(Channel.of("b"), "1");
        lose(answer);
        publish(Channel.of("a"), "2");
        tryAgain();
        publish(Channel.of("b"), "3");

        assertHeard("a 2", "b 1", "b 3");
    }

    @Test
    void enter_markerHeardAndItsAnswerLost_nothingIsMissing() {
        open(Resume.NOW);
        broker.pause();
        subscriber.enter(List.of(OTHER), Entry.PLAIN.withRetained(), entered -> {});
        loop.run();
        Runnable answer = broker.loseNext();
        loop.run();
        lose(answer);
        publish(OTHER, "1");
        tryAgain();
        publish(OTHER, "2");

        assertHeard("other 1", "other 2");
    }
}
