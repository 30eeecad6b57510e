package dev.pushy.core;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What a connection would have been written, while new subscriptions are on their way to it. Confined to the loop. */
final class HeldOutput {

    /**
     * Something that waits.
     *
     * @param shared whether subscriptions that are live match it, too
     */
    record Held(Item item, boolean shared) {
        private int bytes() {
            Publication publication = item instanceof PreparedEvent event ? event.publication : null;
            return 64 + (publication == null ? 0 : publication.data().length);
        }
    }

    private final Subscriber subscriber;
    private final Detour detour;
    private final ArrayDeque<Held> items = new ArrayDeque<>();
    private boolean holding;
    private int bytes;
    private @Nullable Cursor at;

    /** The detour goes on when something was added. */
    HeldOutput(Subscriber subscriber, Detour detour) {
        this.subscriber = subscriber;
        this.detour = detour;
    }

    /** Holds from here on, if it does not do so already. */
    void begin(@Nullable Cursor where) {
        if (!holding) {
            holding = true;
            at = where;
        }
    }

    boolean isHolding() {
        return holding;
    }

    /** How far the client has been told. */
    @Nullable
    Cursor cursor() {
        return holding ? at : subscriber.shard().cursor();
    }

    void add(Item item, boolean shared) {
        Held added = new Held(item, shared);
        items.add(added);
        bytes += added.bytes();
        subscriber.shard().changed(detour);
    }

    /** A loss comes in its place; who holds nothing is told now. */
    void add(Item.Loss loss) {
        if (holding) {
            add(loss, true);
        } else if (subscriber.tellLoss(loss)) {
            subscriber.shard().owesCheckpoint(subscriber);
        }
    }

    /** Whether more is held than a connection may have waiting. */
    boolean isTooMuch() {
        return bytes > subscriber.hub().limits().backlogBytes();
    }

    /** Takes the next, to be written now; null when there is none. */
    @Nullable
    Held poll() {
        Held next = items.poll();
        if (next != null) {
            bytes -= next.bytes();
            Cursor behind = next.item.cursor();
            at = behind == null ? at : behind;
        }
        return next;
    }

    boolean contains(Publication publication) {
        for (Held held : items) {
            if (held.item instanceof PreparedEvent event
                    && event.publication != null
                    && event.publication.id().equals(publication.id())) {
                return true;
            }
        }
        return false;
    }

    /** Writes something as the connection's live subscriptions have it. */
    void write(Item item) {
        if (item instanceof PreparedEvent event) {
            subscriber.append(event);
        } else if (item instanceof Item.Loss loss) {
            subscriber.tellLoss(loss);
        }
    }

    /** Holds no more: what live subscriptions match goes out at once, the rest is forgotten. */
    void release() {
        for (Held next = poll(); next != null; next = poll()) {
            if (next.shared) {
                write(next.item);
            }
        }
        holding = false;
        subscriber.connection().flush();
    }

    /**
     * Holds no more: the connection reads from the log what was held. Members are not in the log, so those who came and
     * went are told now.
     *
     * @param all whether what only the new subscriptions match is to be told, too, since they are live
     */
    void giveUp(boolean all) {
        for (Held next = items.poll(); next != null; next = items.poll()) {
            if ((all || next.shared)
                    && next.item instanceof PreparedEvent event
                    && event.event instanceof MemberEvent) {
                write(event);
            }
        }
        bytes = 0;
        holding = false;
        subscriber.connection().flush();
    }
}
