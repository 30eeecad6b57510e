package dev.pushy.core.contract;

import java.util.Set;
import java.util.stream.Collectors;

/** Finds threads that somebody left behind. */
final class Threads {
    private final Set<Thread> before = running();

    /** Waits until every thread that was started since this was made has ended. */
    void awaitNoneLeft() {
        Await.until(() -> left().isEmpty(), () -> "threads left: " + left());
    }

    private Set<Thread> left() {
        Set<Thread> left = running();
        left.removeAll(before);
        return left;
    }

    /** But for the machine's own, which come and go as they like. */
    private static Set<Thread> running() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("ForkJoinPool.commonPool"))
                .filter(Threads::isOurs)
                .filter(thread -> !thread.getName().startsWith("CompletableFutureDelayScheduler"))
                .filter(thread -> !thread.getName().startsWith("Attach Listener"))
                .filter(thread -> !thread.getName().startsWith("process reaper"))
                .filter(thread -> !thread.getName().startsWith("junit-"))
                .collect(Collectors.toSet());
    }

    /** A thread that has ended meanwhile has no group any more. */
    private static boolean isOurs(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        return group != null && !group.getName().equals("InnocuousThreadGroup");
    }
}
