package dev.pushy.server.cluster;

import java.util.Map;
import java.util.TreeMap;

/** One fault, what was published around it, and what was told of it. */
final class Round {
    private final int number;
    private final Fault fault;
    private final Ledger ledger;
    private final Map<String, Integer> gaps = new TreeMap<>();

    Round(int number, Fault fault, Ledger ledger) {
        this.number = number;
        this.fault = fault;
        this.ledger = ledger;
    }

    Fault fault() {
        return fault;
    }

    Ledger ledger() {
        return ledger;
    }

    /** A gap was told. Any thread. */
    synchronized void count(String reason) {
        gaps.merge(reason, 1, Integer::sum);
    }

    @Override
    public synchronized String toString() {
        return "round " + number + " " + fault + (gaps.isEmpty() ? "" : ", gaps told: " + gaps);
    }
}
