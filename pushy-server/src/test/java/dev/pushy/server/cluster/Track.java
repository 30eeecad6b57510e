package dev.pushy.server.cluster;

import dev.pushy.core.Position;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How far a subscriber is on one channel. */
final class Track {
    final String channel;
    /** The highest number that came, written while it listens. */
    int highest;

    private final Set<Position> seen = new HashSet<>();
    private @Nullable Position last;
    /** The reason of a gap that was told since the last message, or null. */
    private @Nullable String gap;
    /** A cursor or message that Redis has lost, and of whose loss the subscriber was not told yet. */
    private @Nullable Position lost;
    /** On a connection without a cursor: when it was subscribed; what was sent before is not owed. */
    private long since = Long.MIN_VALUE;

    Track(String channel) {
        this.channel = channel;
    }

    /** Everything behind this cursor is owed. */
    void begin(@Nullable Position cursor) {
        last = cursor;
    }

    /** Everything that is sent from now on is owed; what came before counts no more. */
    void begin(long now) {
        since = now;
        last = null;
        gap = null;
        lost = null;
        seen.clear();
    }

    /** It was told of a loss. */
    void gap(String reason) {
        gap = reason;
        lost = null;
    }

    /** It holds this cursor. */
    void hold(Verdict verdict, Position cursor) {
        if (verdict.isErased(cursor)) {
            lost = cursor;
        }
    }

    /** A message came. */
    void got(Verdict verdict, Position at, Heard.Got got) {
        if (!seen.add(at)) {
            verdict.fault("TWICE " + got);
        }
        Position from = last;
        boolean back = gap != null && !gap.equals("expired") && !gap.equals("overflow");
        if (from != null && from.epoch() == at.epoch() && at.offset() <= from.offset() && !back) {
            verdict.fault("ORDER " + got + " behind " + Ledger.text(from));
        } else if (from != null && from.epoch() != at.epoch() && !back) {
            verdict.fault("UNTOLD " + got + " is of another log than " + Ledger.text(from));
        } else if (gap == null) {
            missing(verdict, got, from, at);
        } else if (gap.equals("reset") && (from == null || from.epoch() != at.epoch())) {
            missing(verdict, got, null, at); // all that is retained follows
        }
        last = at;
        gap = null;
    }

    /** A message came that may stand here or elsewhere. */
    void gotOneOfTwo(Position perhaps) {
        seen.add(perhaps);
    }

    /** What was lost by Redis stands on a branch of its own, beside which the log has grown anew. */
    private void missing(Verdict verdict, Heard.Got got, @Nullable Position from, Position to) {
        boolean same = from != null && from.epoch() == to.epoch();
        if (same && verdict.isErased(from)) {
            return;
        }
        long end = verdict.isErased(to) ? Math.min(to.offset(), verdict.firstErased(to.epoch())) : to.offset();
        for (Message message : verdict.between(channel, to.epoch(), same ? from.offset() : 0, end)) {
            if (message.sentAt > since && !seen.contains(message.position())) {
                verdict.fault("SILENT " + message + " before " + got);
            }
        }
    }

    /** The round is over. */
    void end(Verdict verdict) {
        if (lost != null) {
            verdict.fault("UNTOLD " + Ledger.text(lost) + " is lost, and nobody told it on " + channel);
            lost = null;
        }
        if (last != null) {
            seen.removeIf(position -> verdict.isOld(position, last));
        }
    }
}
