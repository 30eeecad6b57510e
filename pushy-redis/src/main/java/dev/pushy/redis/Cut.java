package dev.pushy.redis;

import dev.pushy.core.CursorCheck;
import dev.pushy.core.Position;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Where a partition ended at the moment of a read, as cut.lua says, and what its index proves. Everything that the read
 * goes on to fetch is at most there.
 */
final class Cut implements CursorCheck.Facts {
    private final long time;
    private final Position end;
    private final long first;
    private final @Nullable Long since;
    private final long setbacks;
    private final long setback;
    private final long setbackTime;
    private final Map<Long, Integer> tags = new HashMap<>();

    /**
     * Reads the answer.
     *
     * @param asked the offset whose tag was asked for, or -1
     */
    Cut(int partition, List<?> answer, long asked) {
        this.time = number(answer.get(0));
        this.end = new Position(
                partition, (int) number(answer.get(1)), number(answer.get(2)), (int) number(answer.get(3)));
        this.first = number(answer.get(4));
        this.since = answer.get(6) == null ? null : number(answer.get(6));
        this.setbacks = number(answer.get(7));
        this.setback = number(answer.get(8));
        this.setbackTime = number(answer.get(9));
        if (answer.get(5) != null) {
            tags.put(asked, (int) number(answer.get(5)));
        }
    }

    private static long number(@Nullable Object bytes) {
        if (bytes instanceof byte[] digits) {
            return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
        }
        throw new IllegalArgumentException("a number is missing in the answer of cut.lua");
    }

    /** The time at Redis, milliseconds since 1970. */
    long time() {
        return time;
    }

    Position position() {
        return end;
    }

    /** The first offset of the second that was asked for, or null if there is none so old. */
    @Nullable
    Long since() {
        return since;
    }

    /** The tags of some more offsets: null where the index has none. */
    void addTags(List<Long> offsets, List<?> found) {
        for (int i = 0; i < offsets.size(); i++) {
            if (found.get(i) != null) {
                tags.put(offsets.get(i), (int) number(found.get(i)));
            }
        }
    }

    /** How often the log is known to have gone back. */
    long setbacks() {
        return setbacks;
    }

    /** Whether the log was found to have gone back at this time, milliseconds since 1970, or later. */
    boolean isSetBackSince(long time) {
        return setback > 0 && setbackTime >= time;
    }

    /** How scripts are told up to where to read. */
    String text() {
        return end.epoch() + " " + end.offset() + " " + end.tag();
    }

    @Override
    public int epoch() {
        return end.epoch();
    }

    @Override
    public long end() {
        return end.offset();
    }

    @Override
    public int endTag() {
        return end.tag();
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public long setback() {
        return setback;
    }

    @Override
    public OptionalInt tagAt(long offset) {
        Integer tag = tags.get(offset);
        return tag == null ? OptionalInt.empty() : OptionalInt.of(tag);
    }
}
