package dev.pushy.server.cluster;

import dev.pushy.core.Position;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with what one subscriber heard in a round. */
final class Verdict {
    /** So many offsets back nothing comes again, or the order would be wrong as well. */
    private static final long MEMORY = 50_000;

    private final Round round;
    private final Subscriber who;
    private final List<String> faults = new ArrayList<>();

    Verdict(Round round, Subscriber who) {
        this.round = round;
        this.who = who;
    }

    void fault(String what) {
        faults.add(what + " -- " + who);
    }

    List<String> faults() {
        return faults;
    }

    /** What both protocols have in common. */
    void common(Heard heard) {
        if (heard instanceof Heard.Fault fault) {
            fault(fault.what());
        } else if (heard instanceof Heard.Closed closed
                && !closed.byUs()
                && !round.fault().ends(closed.why())) {
            fault("CLOSED " + closed.why());
        }
    }

    /** A gap may only be told where something can be lost. */
    void gap(Heard.Lost lost) {
        round.count(lost.reason());
        if (!round.fault().reasons.contains(lost.reason())) {
            fault("GAP " + lost);
        }
    }

    /** Whether such a message was accepted. If it cannot have been, that is a fault. */
    boolean knows(Heard.Got got) {
        Message message = round.ledger().message(got.number());
        if (message == null || !message.channel.equals(got.channel())) {
            fault("UNKNOWN " + got + " is " + message);
            return false;
        }
        if (message.fate() != Message.Fate.ACCEPTED) {
            fault("REFUSED " + message + " came nevertheless");
            return false;
        }
        boolean other = got.position() != null && !got.position().equals(message.position());
        if (other && !round.fault().isLossy()) {
            fault("OTHER " + got + " is not where " + message + " is");
            return false;
        }
        return true;
    }

    /** Whether a message may have stood in two places. */
    boolean mayBeTwo(Message message) {
        return round.fault().isLossy() && message.mayBeTwo();
    }

    boolean isErased(Position position) {
        return round.fault().isLossy() && round.ledger().isErased(position);
    }

    long firstErased(int epoch) {
        return round.ledger().firstErased(epoch);
    }

    List<Message> between(String channel, int epoch, long from, long to) {
        return round.ledger().between(channel, epoch, from, to);
    }

    Message message(int number) {
        Message message = round.ledger().message(number);
        if (message == null) {
            throw new IllegalStateException("#" + number + " is not in the ledger");
        }
        return message;
    }

    boolean isOld(Position position, Position last) {
        return position.epoch() != last.epoch() || position.offset() < last.offset() - MEMORY;
    }
}
