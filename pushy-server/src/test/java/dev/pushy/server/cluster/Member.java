package dev.pushy.server.cluster;

import java.util.List;
import java.util.Random;

/** A subscriber that others see come and go, and that sees the others. It may share its subject with another one. */
abstract class Member extends Subscriber {
    final String subject;
    final String channel;
    final View view = new View(log);

    Member(String subject, String channel, String name, Random random) {
        super(subject + " " + name, random);
        this.subject = subject;
        this.channel = channel;
    }

    @Override
    final boolean hasHeard(Marks marks) {
        return true;
    }

    @Override
    final boolean agrees(Members members) {
        return !isHere() || view.agrees(members.of(channel));
    }

    @Override
    final List<String> judge(Round round) {
        Verdict verdict = new Verdict(round, this);
        log.forEach(verdict::common);
        return verdict.faults();
    }

    @Override
    public String toString() {
        return super.toString() + " in " + channel + " " + view;
    }
}
