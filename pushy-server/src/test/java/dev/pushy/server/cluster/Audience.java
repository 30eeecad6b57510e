package dev.pushy.server.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** All subscribers, in two crowds. */
final class Audience implements AutoCloseable {
    private static final int OF_EACH_KIND = 60;
    private static final int MEMBERS = 20;

    private final List<Crowd> crowds = new ArrayList<>();

    /** They connect from now on. */
    Audience(Cluster cluster, Random random) {
        List<Subscriber> all = new ArrayList<>(members(cluster, random));
        String token = cluster.token("anna");
        for (int i = 0; i < OF_EACH_KIND; i++) {
            for (boolean sse : new boolean[] {true, false}) {
                all.add(new NativeSubscriber("native-" + i, own(random), sse, token, wanted(random, true)));
            }
            all.add(new PusherSubscriber("pusher-" + i, own(random), wanted(random, false)));
        }
        Collections.shuffle(all, random);
        int half = all.size() / 2;
        crowds.add(new Crowd("crowd-1", cluster, all.subList(0, half)));
        crowds.add(new Crowd("crowd-2", cluster, all.subList(half, all.size())));
    }

    /** Each subject has two connections, or one, or none, which may be on different nodes. */
    private static List<Subscriber> members(Cluster cluster, Random random) {
        List<Subscriber> members = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            String subject = "member-" + i / 2;
            members.add(new NativeMember(subject, own(random), random.nextBoolean(), cluster.token(subject)));
            members.add(new PusherMember(subject, own(random)));
        }
        return members;
    }

    private static Random own(Random random) {
        return new Random(random.nextLong());
    }

    private static List<String> wanted(Random random, boolean patterns) {
        List<String> names = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        while (names.size() < count) {
            boolean pattern = patterns && random.nextInt(3) == 0;
            List<String> from = pattern ? Names.PATTERNS : Names.CHANNELS;
            String name = from.get(random.nextInt(from.size()));
            if (!names.contains(name)) {
                names.add(name);
            }
        }
        return names;
    }

    /** Tells all of them something, each on its thread. */
    void tell(Consumer<Subscriber> order) {
        crowds.forEach(crowd -> crowd.tell(order));
    }

    /** Some connections end, some members go or come. */
    void stir() {
        tell(subscriber -> {
            if (subscriber.random.nextInt(10) == 0) {
                subscriber.drop();
            }
            if (subscriber instanceof Member && subscriber.random.nextInt(2) == 0) {
                subscriber.stay(!subscriber.isHere());
            }
        });
    }

    /** Who ought to be on the channels with presence. */
    Members members() {
        Map<String, Set<String>> subjects = new HashMap<>();
        tell(subscriber -> {
            if (subscriber instanceof Member member && member.isHere()) {
                subjects.computeIfAbsent(member.channel, name -> new TreeSet<>())
                        .add(member.subject);
            }
        });
        return new Members(subjects);
    }

    /** Who is in neither of these. */
    Members absent(Members now, Members before) {
        Map<String, Set<String>> subjects = new HashMap<>();
        tell(subscriber -> {
            if (subscriber instanceof Member member
                    && !now.of(member.channel).contains(member.subject)
                    && !before.of(member.channel).contains(member.subject)) {
                subjects.computeIfAbsent(member.channel, name -> new TreeSet<>())
                        .add(member.subject);
            }
        });
        return new Members(subjects);
    }

    /** Waits until all are as they should; answers who is not. */
    List<String> await(Predicate<Subscriber> well, long deadline, String word) {
        while (true) {
            List<String> behind = new ArrayList<>();
            for (Crowd crowd : crowds) {
                crowd.ask(subscriber -> well.test(subscriber) ? "" : word + " " + subscriber).stream()
                        .filter(text -> !text.isEmpty())
                        .forEach(behind::add);
            }
            if (behind.isEmpty() || System.nanoTime() > deadline) {
                return behind;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** What is wrong with what they heard. */
    List<String> judge(Round round) {
        List<String> faults = new ArrayList<>();
        for (Crowd crowd : crowds) {
            crowd.ask(subscriber -> subscriber.judge(round)).forEach(faults::addAll);
        }
        return faults;
    }

    /** What those heard in this round who are named in these faults, and all members where it is about them, for people. */
    String story(List<String> faults) {
        StringBuilder story = new StringBuilder();
        boolean ofMembers = faults.stream().anyMatch(fault -> fault.startsWith("PRESENCE"));
        for (Crowd crowd : crowds) {
            crowd.ask(subscriber -> (ofMembers && subscriber instanceof Member)
                                    || faults.stream().anyMatch(fault -> fault.contains(subscriber.name))
                            ? subscriber.story()
                            : "")
                    .forEach(story::append);
        }
        return story.toString();
    }

    /** Counts for people, then all begin a new page. */
    String turnPages() {
        int heard = 0;
        int ends = 0;
        for (Crowd crowd : crowds) {
            for (int[] each : crowd.ask(Audience::turnPage)) {
                heard += each[0];
                ends += each[1];
            }
        }
        return heard + " heard, " + ends + " connections ended";
    }

    private static int[] turnPage(Subscriber subscriber) {
        int heard = 0;
        int ends = 0;
        for (Heard each : subscriber.log) {
            heard += each instanceof Heard.Got ? 1 : 0;
            ends += each instanceof Heard.Closed closed && !closed.byUs() ? 1 : 0;
        }
        subscriber.log.clear();
        return new int[] {heard, ends};
    }

    @Override
    public void close() {
        crowds.forEach(Crowd::close);
    }
}
