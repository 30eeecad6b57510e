package dev.pushy.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The subscribers of one interest on one loop that share a wire format: they get the same bytes. Confined to the loop. */
final class SubscriberGroup {
    final WireFormat format;
    private @Nullable Subscription[] members = new @Nullable Subscription[4];
    private int size;

    SubscriberGroup(WireFormat format) {
        this.format = format;
    }

    void add(Subscription subscription) {
        if (size == members.length) {
            members = Arrays.copyOf(members, size + (size >> 1));
        }
        subscription.index = size;
        members[size++] = subscription;
    }

    /** Puts the last in the place of the one that goes. */
    void remove(Subscription subscription) {
        Subscription moved = members[--size];
        members[size] = null;
        if (moved != null && moved != subscription) {
            moved.index = subscription.index;
            members[subscription.index] = moved;
        }
        if (size < members.length / 4 && members.length > 64) {
            members = Arrays.copyOf(members, members.length / 2);
        }
    }

    int size() {
        return size;
    }

    /** The subscriptions, of which the first {@link #size} are there. */
    @Nullable
    Subscription[] members() {
        return members;
    }
}
