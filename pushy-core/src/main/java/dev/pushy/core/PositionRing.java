package dev.pushy.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last positions that this node handed out in a partition, in their order. Guarded by the sequencer's lock. */
final class PositionRing {
    private static final int SIZE = 64;

    private final @Nullable Position[] positions = new @Nullable Position[SIZE];
    private int next;

    void add(Position position) {
        Position newest = positions[(next - 1) & (SIZE - 1)];
        if (next > 0 && position.equals(newest)) {
            return;
        }
        positions[next & (SIZE - 1)] = position;
        next++;
    }

    boolean contains(Position position) {
        for (Position handed : positions) {
            if (position.equals(handed)) {
                return true;
            }
        }
        return false;
    }

    /** All of them, oldest first. */
    List<Position> toList() {
        List<Position> list = new ArrayList<>(SIZE);
        for (int i = Math.max(0, next - SIZE); i < next; i++) {
            Position position = positions[i & (SIZE - 1)];
            if (position != null) {
                list.add(position);
            }
        }
        return list;
    }
}
