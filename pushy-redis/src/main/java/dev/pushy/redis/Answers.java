package dev.pushy.redis;

import dev.pushy.core.MessageLog;
import dev.pushy.core.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What publishers were answered last in each partition. When the connection is another one than it was, to whatever server,
 * the broker vouches for that answer: a master may have died with it before any node heard the message. Thread-safe.
 */
final class Answers {
    private static final long RETRY_MILLIS = 500;

    private final RedisBackplane backplane;
    private final MessageLog log;
    private final Part[] parts;

    /**
     * A message has its place.
     *
     * @param from who said so
     * @param setbacks how many the log had seen
     */
    record Answer(@Nullable Master from, Position position, long setbacks) {}

    Answers(RedisBackplane backplane, MessageLog log) {
        this.backplane = backplane;
        this.log = log;
        this.parts = new Part[backplane.partitions()];
        for (int p = 0; p < parts.length; p++) {
            parts[p] = new Part(p);
        }
    }

    /** A publisher was answered. On the lane's thread. */
    void answered(Answer answer) {
        parts[answer.position().partition()].answered(answer);
    }

    /** The scripts of a partition can be called again. */
    void onLaneUp(int partition) {
        parts[partition].onLaneUp();
    }

    /** One partition. */
    private final class Part {
        private final int partition;
        private volatile @Nullable Answer last;
        private final ReentrantLock lock = new ReentrantLock();
        /** The last answer of each server that is still to be vouched for; what it had answered before is there if this is. */
        private final Map<@Nullable Master, Answer> owed = new LinkedHashMap<>();

        private boolean underWay;

        Part(int partition) {
            this.partition = partition;
        }

        /** An answer of a server that has been left comes too late to be the last one when the next is connected. */
        void answered(Answer answer) {
            if (isCurrent(answer)) {
                Answer before = last;
                last = before == null ? answer : later(before, answer);
                if (isCurrent(answer)) {
                    return;
                }
            }
            owe(answer);
        }

        private boolean isCurrent(Answer answer) {
            return backplane.master(partition) == answer.from();
        }

        void onLaneUp() {
            Answer known = last;
            if (known != null) {
                owe(known);
            }
        }

        private void owe(Answer answer) {
            lock.lock();
            try {
                owed.merge(answer.from(), answer, Answers::later);
                if (underWay) {
                    return;
                }
                underWay = true;
            } finally {
                lock.unlock();
            }
            vouch();
        }

        private void vouch() {
            Answer answer = next();
            if (answer != null) {
                log.vouch(answer.position(), answer.setbacks()).whenComplete((done, failure) -> {
                    if (failure == null) {
                        taken(answer);
                        vouch();
                    } else {
                        // Not when the backplane is closed, with which the node's memory ends.
                        backplane.after(RETRY_MILLIS, this::vouch);
                    }
                });
            }
        }

        private @Nullable Answer next() {
            lock.lock();
            try {
                underWay = !owed.isEmpty();
                return underWay ? owed.values().iterator().next() : null;
            } finally {
                lock.unlock();
            }
        }

        private void taken(Answer answer) {
            lock.lock();
            try {
                owed.remove(answer.from(), answer);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Where a log has gone back, lower offsets may be later ones. */
    private static Answer later(Answer one, Answer other) {
        boolean sameLog = one.position().epoch() == other.position().epoch();
        boolean oneIsLater = one.setbacks() == other.setbacks()
                ? one.position().offset() > other.position().offset()
                : one.setbacks() > other.setbacks();
        return sameLog && oneIsLater ? one : other;
    }
}
