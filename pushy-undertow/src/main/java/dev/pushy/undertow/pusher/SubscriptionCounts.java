package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.EventLoop;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Pushy;
import dev.pushy.core.Receipt;
import dev.pushy.undertow.protocol.JsonText;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Tells the subscribers of a channel how many they are, where the app wants that. Thread-safe.
 *
 * <p>The number is that of the whole cluster, read from the presence store, and goes through the broker as a live-only event
 * of the channel. Invariants:
 *
 * <ul>
 *   <li>A node has at most one count of a channel under way; a change meanwhile leads to another one behind it. So what this
 *       holds is bounded by the channels that change within a few seconds.
 *   <li>Whoever told a number reads again, and tells again if it is another one by then. So the last number told is right,
 *       whoever of several nodes was overtaken.
 *   <li>Of many subscribers a number is told only at certain moments, the same on every node, and by the node that comes
 *       first: all use the same idempotency key for a moment. The others need not try again, as the first one looks again at
 *       the next moment.
 *   <li>What fails is tried again at the next moment.
 * </ul>
 */
final class SubscriptionCounts {
    private static final System.Logger LOG = System.getLogger(SubscriptionCounts.class.getName());
    private static final String EVENT = PusherFormat.INTERNAL + "subscription_count";
    private static final String KEY = "pusher-subscription-count-";
    /** More subscribers than that are told only now and then. */
    static final int MANY = 100;
    /** How often they are told. */
    static final long MOMENT_MILLIS = 5_000;

    private final Pushy pushy;
    private final PusherListener listener;
    private final InstantSource clock;
    private final ConcurrentMap<Channel, Count> counts = new ConcurrentHashMap<>();

    SubscriptionCounts(Pushy pushy, PusherListener listener, InstantSource clock) {
        this.pushy = pushy;
        this.listener = listener;
        this.clock = clock;
    }

    /** Somebody on this node subscribed to the channel, or does not any more; the presence store has been told. */
    void changed(PusherApp app, Channel channel, EventLoop loop) {
        Count fresh = new Count(app, channel, loop);
        Count present = counts.compute(channel, (key, underWay) -> {
            if (underWay == null) {
                return fresh;
            }
            underWay.again = true;
            return underWay;
        });
        if (present == fresh) {
            fresh.read();
        }
    }

    /** How many channels have a count under way. */
    int underWay() {
        return counts.size();
    }

    /** A count that is under way; its steps follow one another, on any thread. */
    private final class Count {
        private static final int NONE = -1;

        private final PusherApp app;
        private final Channel channel;
        private final EventLoop loop;
        private volatile int told = NONE;
        private volatile long toldAt = NONE;
        private volatile boolean atMoment;
        /** Whether something changed since the last read began. Guarded by the map's lock of the channel. */
        private boolean again;

        Count(PusherApp app, Channel channel, EventLoop loop) {
            this.app = app;
            this.channel = channel;
            this.loop = loop;
        }

        void read() {
            if (takeAgain()) {
                told = NONE;
            }
            pushy.presence().subscriberCount(channel).whenComplete((count, failure) -> {
                if (failure != null) {
                    failed(failure);
                } else if (count == told) {
                    end();
                } else if (count > MANY && (!atMoment || toldAt == moment())) {
                    awaitMoment();
                } else {
                    tell(count);
                }
            });
        }

        private boolean takeAgain() {
            boolean[] taken = {false};
            counts.computeIfPresent(channel, (key, underWay) -> {
                taken[0] = again;
                again = false;
                return underWay;
            });
            return taken[0];
        }

        private void tell(int count) {
            long moment = moment();
            publish(count, moment).whenComplete((receipt, failure) -> {
                if (failure != null) {
                    failed(failure);
                } else if (receipt != null && receipt.duplicate()) {
                    end();
                } else {
                    told = count;
                    toldAt = moment;
                    listener.onSubscriptionCount(app, channel, count);
                    lookAgain(count);
                }
            });
        }

        private CompletionStage<Receipt> publish(int count, long moment) {
            byte[] data =
                    JsonText.object().put("subscription_count", count).end().getBytes(StandardCharsets.UTF_8);
            PublishOptions options = PublishOptions.LIVE_ONLY;
            return pushy.publish(
                    Publication.of(channel, EVENT, data), count > MANY ? options.withKey(KEY + moment) : options);
        }

        private void lookAgain(int count) {
            if (count > MANY) {
                awaitMoment();
            } else {
                readSoon();
            }
        }

        private void readSoon() {
            atMoment = false;
            loop.execute(this::read);
        }

        private void awaitMoment() {
            loop.schedule(
                    () -> {
                        atMoment = true;
                        read();
                    },
                    MOMENT_MILLIS - Math.floorMod(now(), MOMENT_MILLIS));
        }

        private long moment() {
            return Math.floorDiv(now(), MOMENT_MILLIS);
        }

        /** Milliseconds, shifted so that not all channels have their moments together, but each the same on all nodes. */
        private long now() {
            return clock.millis() + Math.floorMod(channel.name().hashCode(), MOMENT_MILLIS);
        }

        private void failed(Throwable failure) {
            LOG.log(Level.DEBUG, "the subscribers of a channel were not told how many they are", failure);
            awaitMoment();
        }

        /** Leaves, unless something changed meanwhile. */
        private void end() {
            Count next = counts.compute(channel, (key, underWay) -> again ? this : null);
            if (next == this) {
                readSoon();
            }
        }
    }
}
