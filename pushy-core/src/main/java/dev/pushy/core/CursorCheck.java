package dev.pushy.core;

import dev.pushy.core.MessageLog.Branch;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a log can say of a cursor: nothing wrong, or why the messages after it cannot be proven complete. One rule for all
 * brokers that keep a log.
 */
public final class CursorCheck {

    /** What a log knows of itself at one moment. */
    public interface Facts {
        /** The identity of the log. */
        int epoch();

        /** The last offset, 0 in an empty log. */
        long end();

        /** The tag of the last offset, 0 in an empty log. */
        int endTag();

        /** The first offset of the index, or {@link #end} + 1 if the index is empty. */
        long first();

        /** The tag of an offset, if the index has it. */
        OptionalInt tagAt(long offset);

        /** The offset of the newest setback, 0 if the log is not known to have gone back. */
        long setback();
    }

    private CursorCheck() {}

    /** Why what follows the position is not proven complete, or null if it is. */
    public static Gap.@Nullable Reason reason(Position position, Facts log) {
        if (position.epoch() != log.epoch()) {
            return Gap.Reason.RESET;
        }
        if (position.offset() > log.end()) {
            return Gap.Reason.AHEAD;
        }
        if (position.offset() == log.end() && position.tag() == log.endTag()) {
            return null;
        }
        OptionalInt tag = log.tagAt(position.offset());
        if (tag.isPresent()) {
            return tag.getAsInt() == position.tag() ? setback(position, log) : Gap.Reason.FORK;
        }
        // Also an index that begins right behind the position proves nothing: another log may have stood before it.
        return position.offset() == 0 && log.first() == 1 ? setback(position, log) : Gap.Reason.EXPIRED;
    }

    /** What was lost stood behind the position, but not all that is there has to have been lost. */
    private static Gap.@Nullable Reason setback(Position position, Facts log) {
        return log.setback() > position.offset() ? Gap.Reason.FORK : null;
    }

    /**
     * Where a log that went back left the one that was handed out.
     *
     * @param position the cursor that was found to be a fork or ahead; where it stands in the log and a setback behind it,
     *     all that follows is new
     * @param ring positions handed out by this node in their order, the position among them; empty if none is known
     */
    public static Branch branch(Position position, List<Position> ring, Facts log) {
        long firstNew = isMissing(position, log) ? position.offset() : position.offset() + 1;
        for (Position handed : ring) {
            if (isMissing(handed, log)) {
                firstNew = Math.min(firstNew, handed.offset());
            }
        }
        long lastCommon = -1;
        for (Position handed : ring) {
            boolean common = handed.epoch() == log.epoch()
                    && handed.offset() < firstNew
                    && log.tagAt(handed.offset()).orElse(~handed.tag()) == handed.tag();
            if (common) {
                lastCommon = Math.max(lastCommon, handed.offset());
            }
        }
        return new Branch(firstNew, lastCommon);
    }

    /** Whether the log proves that it does not hold the position, or another in its place. */
    static boolean isMissing(Position handed, Facts log) {
        if (handed.epoch() != log.epoch()) {
            return false;
        }
        if (handed.offset() > log.end()) {
            return true;
        }
        OptionalInt tag = log.tagAt(handed.offset());
        return tag.isPresent() && tag.getAsInt() != handed.tag();
    }
}
