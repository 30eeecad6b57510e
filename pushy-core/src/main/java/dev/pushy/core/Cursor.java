package dev.pushy.core;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client brings back to resume: for each partition of the broker the position up to which it has been told
 * everything. The same for all connections of a node, so that it can be part of shared bytes.
 *
 * <p>Immutable. Clients treat its text as opaque.
 */
public final class Cursor {
    private final Position[] positions;
    private @Nullable String text;

    private Cursor(Position[] positions) {
        this.positions = positions;
    }

    /** The cursor at these positions, one for each partition in its order. */
    static Cursor of(Position... positions) {
        return new Cursor(positions.clone());
    }

    /** A cursor that means only this position; in the other partitions it stands at the beginning of no log. */
    public static Cursor at(Position position, int partitions) {
        Position[] positions = new Position[partitions];
        for (int p = 0; p < partitions; p++) {
            positions[p] = p == position.partition() ? position : new Position(p, 0, 0, 0);
        }
        return new Cursor(positions);
    }

    /** The cursor of these positions, or null while a partition has none. */
    static @Nullable Cursor ofKnown(@Nullable Position[] positions) {
        Position[] known = new Position[positions.length];
        for (int p = 0; p < known.length; p++) {
            Position position = positions[p];
            if (position == null) {
                return null;
            }
            known[p] = position;
        }
        return new Cursor(known);
    }

    /**
     * Reads a cursor's text. Empty if it is unknown, malformed, or of a broker with another number of partitions: that
     * is no error, the client is told of a gap with reason {@link Gap.Reason#RESET}.
     */
    public static Optional<Cursor> parse(String text, int partitions) {
        Position[] positions = PositionText.parse(text, partitions);
        return positions == null ? Optional.empty() : Optional.of(new Cursor(positions));
    }

    /** How many partitions this covers. */
    public int partitions() {
        return positions.length;
    }

    /** Where this stands in a partition. */
    public Position position(int partition) {
        return positions[partition];
    }

    /** This cursor with one partition moved. */
    Cursor with(Position position) {
        if (positions.length == 1) {
            return new Cursor(new Position[] {position});
        }
        Position[] moved = positions.clone();
        moved[position.partition()] = position;
        return new Cursor(moved);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cursor that && Arrays.equals(positions, that.positions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(positions);
    }

    /** The text for the wire. Made once; a race makes it twice, which is harmless. */
    @Override
    public String toString() {
        String made = text;
        if (made == null) {
            made = positions.length == 1 ? PositionText.single(positions[0]) : PositionText.several(positions);
            text = made;
        }
        return made;
    }
}
