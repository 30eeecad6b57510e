package dev.pushy.examples.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Receipt;
import dev.pushy.core.Revocation;
import dev.pushy.core.contract.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What this broker does beyond the contract: a connection that breaks loses nothing. */
class PostgresBrokerTest {
    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    @Test
    void connectionsThatBreak_loseNothing() {
        try (PostgresFixture fixture = new PostgresFixture(SERVER);
                Broker publisher = fixture.createNode();
                Broker listener = fixture.createNode()) {
            Ids heard = new Ids();
            publisher.start(new Ids());
            listener.start(heard);
            Await.get(listener.subscribe(ChannelPattern.of("diary.*")));

            List<String> accepted = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                if (i % 50 == 25) {
                    fixture.breakConnections();
                }
                accepted.add(publishUntilAccepted(publisher, i));
            }

            Await.until(() -> heard.ids.size() >= accepted.size(), () -> "heard " + heard.ids.size() + " of 200");
            assertEquals(accepted, heard.ids);
            assertEquals(1, heard.ups.get(), "the node was told of a gap");
            assertTrue(listener.health().receiving());
        }
    }

    /** With a key, so that one whose answer was lost with the connection is not published twice. */
    private static String publishUntilAccepted(Broker publisher, int number) {
        Publication publication = Publication.of(Channel.of("diary." + number % 3), Integer.toString(number));
        PublishOptions options = PublishOptions.LIVE_ONLY.withKey("entry-" + number);
        List<Receipt> receipts = new ArrayList<>();
        Await.until(
                () -> publisher
                        .publish(publication, options)
                        .handle((receipt, failure) -> failure == null && receipts.add(receipt))
                        .toCompletableFuture()
                        .join(),
                () -> "message " + number + " is not accepted");
        return receipts.get(0).id();
    }

    /** The ids of what a node hears. */
    private static final class Ids implements Broker.Listener {
        private final List<String> ids = new CopyOnWriteArrayList<>();
        private final AtomicInteger ups = new AtomicInteger();

        @Override
        public void onPublication(Publication publication, @Nullable Position previous) {
            ids.add(publication.id());
        }

        @Override
        public void onLinkUp(int partition) {
            ups.incrementAndGet();
        }

        @Override
        public void onLinkDown(int partition) {}

        @Override
        public void onPresence(ChannelEvent event) {}

        @Override
        public void onMarker(long marker, Position end) {}

        @Override
        public void onSetback(int partition) {}

        @Override
        public void onControl(ControlMessage message) {}

        @Override
        public void onRevocation(Revocation revocation) {}
    }
}
