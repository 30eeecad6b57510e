package dev.pushy.core;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A subject on a channel, with the connections of this node that make it a member. Guarded by the lock of
 * {@link LocalPresence}.
 *
 * <p>The store is told one thing at a time; what changes meanwhile is told together, but for the end of the last connection:
 * that is told before whoever comes next, who may say something else about the member. After a failure nobody knows what the
 * store has heard, and all is told again.
 */
final class LocalMember {
    /** What the store is told next. */
    record Telling(Member member, int most) {}

    private static final int UNKNOWN = -1;

    final LocalPresence.Key key;
    /** Those whom the store has taken. */
    private final Set<Membership> members = new HashSet<>(4);
    /** Those whom it will be asked about, and those whom it is being asked about, in the order in which they came. */
    private final Set<Membership> waiting = new LinkedHashSet<>(4);

    private final Set<Membership> asked = new LinkedHashSet<>(4);
    private String meta = "null";
    /** How many connections the store has heard of, and is being told. */
    private int told;

    private int telling;
    private boolean busy;
    /** The last connection is gone, and the store has not heard of it. */
    private boolean leaving;

    LocalMember(LocalPresence.Key key) {
        this.key = key;
    }

    void add(Membership membership) {
        waiting.add(membership);
    }

    void remove(Membership membership) {
        waiting.remove(membership);
        boolean was = members.remove(membership) || asked.remove(membership);
        leaving |= was && members.isEmpty() && asked.isEmpty();
    }

    /** Whether there is nobody, and the store knows. */
    boolean isGone() {
        return !busy && told == 0 && waiting.isEmpty() && members.isEmpty();
    }

    /** What the store is to be told now, or null. */
    @Nullable
    Telling next() {
        if (busy) {
            return null;
        }
        if (leaving) {
            leaving = false;
            return told == 0 ? next() : tell(0, Integer.MAX_VALUE);
        }
        if (members.isEmpty() && !waiting.isEmpty()) {
            meta = waiting.iterator().next().meta;
        }
        boolean fits = !members.isEmpty() || waiting.isEmpty();
        int most = fits ? Integer.MAX_VALUE : mostOf(waiting);
        asked.addAll(waiting);
        waiting.clear();
        int count = members.size() + asked.size();
        return count == told && asked.isEmpty() ? null : tell(count, most);
    }

    private static int mostOf(Set<Membership> memberships) {
        int most = 0;
        for (Membership membership : memberships) {
            most = Math.max(most, membership.most);
        }
        return most;
    }

    private Telling tell(int count, int most) {
        busy = true;
        telling = count;
        return new Telling(new Member(key.subject(), meta, count), most);
    }

    /** The store has heard it; what follows is to be run without the lock. */
    Runnable told(boolean fits) {
        busy = false;
        List<Membership> answered = List.copyOf(asked);
        asked.clear();
        if (fits) {
            told = telling;
            members.addAll(answered);
        } else {
            told = 0;
        }
        return () -> answered.forEach(membership -> membership.answer.accept(fits));
    }

    /** Nobody knows whether the store has heard it. */
    void failed() {
        busy = false;
        told = UNKNOWN;
        List<Membership> later = List.copyOf(waiting);
        waiting.clear();
        waiting.addAll(asked);
        waiting.addAll(later);
        asked.clear();
    }
}
