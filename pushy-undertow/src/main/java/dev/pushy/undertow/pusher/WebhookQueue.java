package dev.pushy.undertow.pusher;

import dev.pushy.core.EventLoop;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one receiver of an app's webhooks. One request is under way at a time, so that the order is kept; what it
 * carries is sent again, signed anew, until the receiver takes it. When a request fails, what has waited for the longest
 * time is given up. When too much waits, the oldest that is not under way is given up.
 *
 * <p>Lives on the sender's {@link Serial}.
 */
final class WebhookQueue {
    private static final System.Logger LOG = System.getLogger(WebhookQueue.class.getName());
    private static final Duration LIFE = Duration.ofMinutes(5);
    private static final int MAX_EVENTS = 10_000;
    private static final int MAX_CHARACTERS = 8 << 20;
    private static final int BATCH_EVENTS = 100;
    private static final int BATCH_CHARACTERS = 256 << 10;
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 60_000;
    private static final long WARNING_MILLIS = 60_000;

    private final Webhook webhook;
    private final Supplier<Optional<PusherApp>> app;
    private final WebhookPost post;
    private final Serial serial;
    private final InstantSource clock;
    private final WebhookCounters counters;
    private final Runnable idle;

    private final Deque<Entry> waiting = new ArrayDeque<>();
    private List<Entry> underWay = new ArrayList<>();
    private int characters;
    private boolean sending;
    private EventLoop.@Nullable Timer pause;
    private int failed;
    private boolean last;
    private long nextWarning = Long.MIN_VALUE;

    private record Entry(WebhookMessage message, Delivery delivery, long since) {}

    /**
     * An empty queue.
     *
     * @param app looks the app up, which may change between two requests
     * @param idle is told when nothing waits any more
     */
    WebhookQueue(
            Webhook webhook,
            Supplier<Optional<PusherApp>> app,
            WebhookPost post,
            Serial serial,
            InstantSource clock,
            WebhookCounters counters,
            Runnable idle) {
        this.webhook = webhook;
        this.app = app;
        this.post = post;
        this.serial = serial;
        this.clock = clock;
        this.counters = counters;
        this.idle = idle;
    }

    /** Takes an event; the delivery hears of its end. */
    void add(WebhookMessage message, Delivery delivery) {
        delivery.begin();
        waiting.add(new Entry(message, delivery, serial.millis()));
        characters += message.json().length();
        counters.waiting.increment();
        int overflow = 0;
        while (waiting.size() > MAX_EVENTS || (characters > MAX_CHARACTERS && waiting.size() > 1)) {
            giveUpFirst();
            overflow++;
        }
        if (overflow > 0) {
            counters.overflowed.add(overflow);
            counters.waiting.add(-overflow);
            warn("more than " + MAX_EVENTS + " events or " + MAX_CHARACTERS
                    + " characters wait, the oldest are given up: it must take them faster, or in batches");
        }
        send();
    }

    /** Tries once more at once, and then no more. */
    void sendLast() {
        last = true;
        if (pause != null) {
            pause.cancel();
            pause = null;
        }
        send();
    }

    boolean isIdle() {
        return waiting.isEmpty() && underWay.isEmpty();
    }

    private void send() {
        if (sending || pause != null) {
            return;
        }
        if (underWay.isEmpty()) {
            fill();
        }
        if (underWay.isEmpty()) {
            idle.run();
            return;
        }
        Optional<PusherApp> found = app.get().filter(known -> known.webhooks().contains(webhook));
        if (found.isEmpty()) {
            discard("the app or its webhook is no more", Delivery::end);
            return;
        }
        sending = true;
        post.send(webhook, found.get().keys().get(0), body())
                .whenComplete((status, failure) -> serial.execute(() -> answered(status, failure)));
    }

    private void fill() {
        int most = webhook.batch() ? BATCH_EVENTS : 1;
        int length = 0;
        while (!waiting.isEmpty() && underWay.size() < most && length < BATCH_CHARACTERS) {
            Entry entry = waiting.remove();
            length += entry.message().json().length();
            underWay.add(entry);
        }
        characters -= length;
    }

    /** Stamped when it is sent: some libraries take nothing that is minutes old. */
    private byte[] body() {
        StringBuilder body =
                new StringBuilder("{\"time_ms\":").append(clock.millis()).append(",\"events\":[");
        String separator = "";
        for (Entry entry : underWay) {
            body.append(separator).append(entry.message().json());
            separator = ",";
        }
        return body.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private void answered(@Nullable Integer status, @Nullable Throwable failure) {
        sending = false;
        if (status != null && status >= 200 && status < 300) {
            counters.delivered.add(underWay.size());
            counters.waiting.add(-underWay.size());
            underWay.forEach(entry -> entry.delivery().end());
            underWay = new ArrayList<>();
            failed = 0;
            send();
            return;
        }
        counters.failures.increment();
        String reason = status != null ? "it answered " + status : name(failure);
        if (last) {
            discard("the node ends, and " + reason, Delivery::fail);
            return;
        }
        failed++;
        giveUp(reason);
        if (underWay.isEmpty()) {
            send();
        } else {
            pause(pauseMillis());
        }
    }

    /** Gives up what has waited too long. */
    private void giveUp(String reason) {
        long oldest = serial.millis() - LIFE.toMillis();
        int before = underWay.size() + waiting.size();
        while (!underWay.isEmpty() && underWay.get(0).since() <= oldest) {
            underWay.remove(0).delivery().end();
        }
        while (!waiting.isEmpty() && waiting.element().since() <= oldest) {
            giveUpFirst();
        }
        int given = before - underWay.size() - waiting.size();
        if (given > 0) {
            counters.expired.add(given);
            counters.waiting.add(-given);
            warn(given + " events are given up after " + LIFE.toMinutes() + " minutes: " + reason);
        }
    }

    private void giveUpFirst() {
        Entry first = waiting.remove();
        characters -= first.message().json().length();
        first.delivery().end();
    }

    /** Longer each time, by a different bit for each receiver, and never beyond the last chance of what is under way. */
    private long pauseMillis() {
        long most = LONGEST_PAUSE_MILLIS;
        long grown = Math.min(most, FIRST_PAUSE_MILLIS << Math.min(failed - 1, 20));
        long spread = grown + ThreadLocalRandom.current().nextLong(grown / 4 + 1);
        long chance = underWay.get(0).since() + LIFE.toMillis() - serial.millis();
        return Math.max(1, Math.min(spread, chance));
    }

    private void pause(long millis) {
        pause = serial.after(millis, () -> {
            pause = null;
            send();
        });
    }

    private void discard(String reason, Consumer<Delivery> end) {
        List<Entry> all = new ArrayList<>(underWay);
        all.addAll(waiting);
        underWay.clear();
        waiting.clear();
        characters = 0;
        counters.discarded.add(all.size());
        counters.waiting.add(-all.size());
        all.forEach(entry -> end.accept(entry.delivery()));
        warn(all.size() + " events are given up: " + reason);
        idle.run();
    }

    private static String name(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        // The message may name the address, of which only the host may be shown.
        return "it could not be reached in time: "
                + (cause == null ? "no answer" : cause.getClass().getSimpleName());
    }

    private void warn(String what) {
        long now = serial.millis();
        if (now >= nextWarning) {
            nextWarning = now + WARNING_MILLIS;
            LOG.log(Level.WARNING, "{0}: {1}; webhooks are counted in the metrics", webhook, what);
        }
    }
}
