package dev.pushy.undertow.pusher;

import dev.pushy.core.Channel;
import dev.pushy.core.PresenceStore.Transition;
import dev.pushy.core.Publication;
import dev.pushy.core.PushyListener;
import dev.pushy.core.Receipt;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the webhooks of apps what happens on their channels. To be given to the node as a {@link PushyListener}, and to
 * what speaks the Pusher protocol as a {@link PusherListener}; it never blocks them. To be closed after the node.
 *
 * <p>All its state lives on one thread, which asks the registry, too; requests are the JDK client's. Whatever waits has a
 * bound: {@link #stats} counts what was given up. When the process ends at once the next node tells the transitions of
 * presence that were not delivered, if the presence store keeps them; else they are lost with it, and so is all else that
 * waits.
 *
 * <p>Source: <a href="https://pusher.com/docs/channels/server_api/webhooks/">webhooks</a>.
 */
public final class WebhookSender implements PushyListener, PusherListener, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(WebhookSender.class.getName());
    private static final int ROOM = 100_000;
    private static final int KNOWN_APPS = 10_000;
    private static final long KNOWN_MILLIS = 1_000;
    private static final long TICK_MILLIS = 50;
    private static final Duration FAREWELL = Duration.ofSeconds(5);
    private static final Duration LEAST_FAREWELL = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration GRACE = Duration.ofSeconds(3);

    private final AppRegistry apps;
    private final Serial serial;
    private final InstantSource clock;
    private final WebhookPost post;
    private final WebhookCounters counters = new WebhookCounters();
    private final AtomicInteger inbox = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();
    /** When it began to hurry, or 0. */
    private final AtomicLong hurried = new AtomicLong();

    private volatile boolean someMissed;
    // From here on the thread's own.
    private final TransitionGrace grace = new TransitionGrace(GRACE, ROOM, this::tell);
    private final CacheMisses misses = new CacheMisses(ROOM);
    private final Map<Receiver, WebhookQueue> queues = new HashMap<>();
    private final Map<String, Known> known = new HashMap<>();
    private boolean ticking;
    private @Nullable CompletableFuture<Void> farewell;

    private record Receiver(String tenant, Webhook webhook) {}

    private record Known(Optional<PusherApp> app, long until) {}

    /** Tells the webhooks of these apps. */
    public WebhookSender(AppRegistry apps) {
        this(apps, new SerialThread("pushy-webhooks"), InstantSource.system(), TIMEOUT);
    }

    WebhookSender(AppRegistry apps, Serial serial, InstantSource clock, Duration timeout) {
        this.apps = apps;
        this.serial = serial;
        this.clock = clock;
        this.post = new WebhookPost(serial, timeout);
    }

    /** {@inheritDoc} It is done when each receiver has it or it was given up, and fails after the end. */
    @Override
    public CompletionStage<Void> onTransition(Transition transition) {
        Channel channel = transition.channel();
        boolean member = transition.kind() == Transition.Kind.JOINED || transition.kind() == Transition.Kind.LEFT;
        if (channel.isReserved() || (member && !ChannelKind.of(channel.name()).hasMembers())) {
            return Transition.DONE;
        }
        return take(channel, delivery -> grace.take(transition, delivery, serial.millis()));
    }

    /** {@inheritDoc} Tells at once what was held back, and tries once more to send what waits. */
    @Override
    public void onClosing() {
        hurried.compareAndSet(0, System.nanoTime());
        serial.execute(this::hurry);
    }

    @Override
    public void onClientEvent(
            PusherApp app, Channel channel, String event, String data, String socketId, @Nullable String userId) {
        take(channel, delivery -> {
            grace.release(channel);
            tell(WebhookMessage.clientEvent(channel, event, data, socketId, userId), channel, delivery);
        });
    }

    @Override
    public void onCacheMiss(PusherApp app, Channel channel) {
        take(channel, delivery -> {
            if (misses.isNew(channel, app.limits().cacheLife(), serial.millis())) {
                someMissed = true;
                tell(WebhookMessage.of(WebhookEvent.CACHE_MISS, channel), channel, delivery);
            }
        });
    }

    @Override
    public void onSubscriptionCount(PusherApp app, Channel channel, int count) {
        take(channel, delivery -> tell(WebhookMessage.count(channel, count), channel, delivery));
    }

    @Override
    public void onPublish(Publication publication, Receipt receipt) {
        Channel channel = publication.channel();
        if (someMissed && fillsCache(publication)) {
            take(channel, delivery -> {
                misses.filled(channel);
                someMissed = !misses.isEmpty();
            });
        }
    }

    /** Neither the events of clients nor our own are kept for those who come later. */
    private static boolean fillsCache(Publication publication) {
        String event = publication.event();
        return ChannelKind.of(publication.channel().name()).hasCache()
                && !event.startsWith("client-")
                && !event.startsWith(PusherFormat.INTERNAL);
    }

    /** The numbers. Any thread. */
    public WebhookStats stats() {
        return counters.stats();
    }

    /** Hands over to the thread what concerns an app that has webhooks; what does not ends there. */
    private CompletionStage<Void> take(Channel channel, Consumer<Delivery> task) {
        Delivery delivery = new Delivery();
        if (closed.get()) {
            delivery.fail();
            return delivery.stage();
        }
        if (inbox.incrementAndGet() > ROOM) {
            inbox.decrementAndGet();
            counters.overflowed.increment();
            delivery.end();
            return delivery.stage();
        }
        serial.execute(() -> {
            inbox.decrementAndGet();
            if (farewell != null) {
                delivery.fail();
            } else if (webhooks(channel).isEmpty()) {
                delivery.end();
            } else {
                task.accept(delivery);
                tickLater();
            }
        });
        return delivery.stage();
    }

    private void tickLater() {
        if (!ticking && !grace.isEmpty()) {
            ticking = true;
            serial.after(TICK_MILLIS, this::tick);
        }
    }

    private void tick() {
        ticking = false;
        grace.settle(serial.millis());
        tickLater();
    }

    private void tell(Transition transition, Delivery delivery) {
        Channel channel = transition.channel();
        WebhookMessage message = switch (transition.kind()) {
            case OCCUPIED -> WebhookMessage.of(WebhookEvent.CHANNEL_OCCUPIED, channel);
            case VACATED -> WebhookMessage.of(WebhookEvent.CHANNEL_VACATED, channel);
            case JOINED -> WebhookMessage.of(WebhookEvent.MEMBER_ADDED, channel, transition.subject());
            case LEFT -> WebhookMessage.of(WebhookEvent.MEMBER_REMOVED, channel, transition.subject());
        };
        tell(message, channel, delivery);
    }

    private void tell(WebhookMessage message, Channel channel, Delivery delivery) {
        for (Webhook webhook : webhooks(channel)) {
            if (webhook.wants(message.event(), message.channel())) {
                Receiver receiver = new Receiver(channel.app(), webhook);
                queues.computeIfAbsent(receiver, this::queue).add(message, delivery);
            }
        }
        delivery.end();
    }

    private WebhookQueue queue(Receiver receiver) {
        return new WebhookQueue(
                receiver.webhook(), () -> app(receiver.tenant()), post, serial, clock, counters, () -> idle(receiver));
    }

    private void idle(Receiver receiver) {
        queues.remove(receiver);
        if (farewell != null && queues.isEmpty()) {
            farewell.complete(null);
        }
    }

    private List<Webhook> webhooks(Channel channel) {
        return app(channel.app()).map(PusherApp::webhooks).orElse(List.of());
    }

    /** Asked anew after a moment: bursts are many, and a registry may be slow. */
    private Optional<PusherApp> app(String tenant) {
        long now = serial.millis();
        Known lately = known.get(tenant);
        if (lately != null && lately.until() > now) {
            return lately.app();
        }
        if (known.size() >= KNOWN_APPS) {
            known.clear();
        }
        Optional<PusherApp> app = lookUp(tenant, lately == null ? Optional.empty() : lately.app());
        known.put(tenant, new Known(app, now + KNOWN_MILLIS));
        return app;
    }

    /** A registry that is away for a while loses nothing that waits. */
    private Optional<PusherApp> lookUp(String tenant, Optional<PusherApp> otherwise) {
        try {
            return apps.byTenant(tenant);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "cannot look up the app {0}, its webhooks stay as they were: {1}", tenant, e);
            return otherwise;
        }
    }

    /**
     * Tells at once what was held back, tries once more to send what waits, and ends. Waits for this, a few seconds at most
     * since {@link #onClosing} if that was called. Idempotent.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        CompletableFuture<Void> sent = new CompletableFuture<>();
        serial.execute(() -> sayFarewell(sent));
        hurried.compareAndSet(0, System.nanoTime());
        long left = FAREWELL.toNanos() - (System.nanoTime() - hurried.get());
        try {
            sent.get(Math.max(LEAST_FAREWELL.toNanos(), left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.log(Level.WARNING, "{0} webhook events were not sent before the end", counters.waiting.sum());
        } catch (ExecutionException e) {
            LOG.log(Level.WARNING, "the last webhooks were not sent", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            serial.close();
        }
    }

    private void sayFarewell(CompletableFuture<Void> sent) {
        hurry();
        farewell = sent;
        if (queues.isEmpty()) {
            sent.complete(null);
        }
    }

    private void hurry() {
        grace.settleAll();
        List.copyOf(queues.values()).forEach(WebhookQueue::sendLast);
    }
}
