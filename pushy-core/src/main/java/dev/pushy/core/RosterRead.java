package dev.pushy.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A read of a roster from the store: what was found, and what was heard behind its marker. The two come by different ways,
 * either first. Guarded by the sequencer's lock.
 */
final class RosterRead {
    final ChannelRoster roster;
    final long marker;
    final long startedNanos;
    private final Map<String, MemberEvent> behindMarker = new LinkedHashMap<>();
    private boolean marked;
    private @Nullable List<Member> found;

    RosterRead(ChannelRoster roster, long marker, long startedNanos) {
        this.roster = roster;
        this.marker = marker;
        this.startedNanos = startedNanos;
    }

    void found(List<Member> members) {
        found = members;
    }

    void onMarker() {
        marked = true;
    }

    /** What comes before the marker is in what is found. Of each member the last event counts. */
    void hear(MemberEvent event) {
        if (marked) {
            behindMarker.remove(event.member().subject());
            behindMarker.put(event.member().subject(), event);
        }
    }

    /** Who is there now, or null while a half is missing. */
    @Nullable
    Map<String, Member> result() {
        if (!marked || found == null) {
            return null;
        }
        Map<String, Member> now = new LinkedHashMap<>();
        found.forEach(member -> now.put(member.subject(), member));
        behindMarker.forEach((subject, event) -> {
            if (event instanceof Join) {
                now.putIfAbsent(subject, event.member());
            } else {
                now.remove(subject);
            }
        });
        return now;
    }
}
