package dev.pushy.server.cluster;

import dev.pushy.core.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A cluster with all who use it, round by round. Driven by one thread; the seed says what it does. */
final class World implements Fault.Field, AutoCloseable {
    private static final int SOME = 20;
    private static final int FLOOD = 300;
    private static final int FLOOD_CHARACTERS = 16_000;
    private static final int USUAL_CHARACTERS = 200;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long MARK_NANOS = TimeUnit.SECONDS.toNanos(8);
    /** How long is waited for webhooks that may be lost; a bit more than they are held back. */
    private static final long FORGIVING_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** How long after a crash nobody may have told yet what the dead node may have told; twice what it should take. */
    private static final long REPEATING_NANOS = TimeUnit.SECONDS.toNanos(40);

    /** For faults alone, so that a seed repeats them. */
    private final Random random;
    /** For what depends on how fast things go. */
    private final Random other;

    private final Ledger ledger = new Ledger();
    private final Webhooks webhooks = new Webhooks();
    /** Who was there when the last round ended. */
    private Members compared = new Members(Map.of());

    private long comparedAt;
    /** Whether webhooks may have been lost in the last round: what waits to be told goes on into the next one. */
    private boolean webhooksBroke;
    /** Until when webhooks may be repeated that a node told before it died. */
    private long repeatingUntil = System.nanoTime();

    private @Nullable Cluster started;
    private @Nullable Audience audience;
    private @Nullable Publishers publishers;

    World(Random random) throws IOException {
        this.random = random;
        this.other = new Random(random.nextLong());
    }

    /** Starts all; everybody is connected in the end. */
    void start(Path folder, Path logs) throws IOException {
        started = new Cluster(folder, logs, webhooks.url());
        publishers = new Publishers(cluster(), ledger, random);
        publishers().padding(USUAL_CHARACTERS);
        audience = new Audience(cluster(), random);
        awaitSettled();
        compared = audience().members();
        comparedAt = System.nanoTime();
    }

    private static <T> T present(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("not started");
        }
        return part;
    }

    private Audience audience() {
        return present(audience);
    }

    private Publishers publishers() {
        return present(publishers);
    }

    Ledger ledger() {
        return ledger;
    }

    // What a fault can reach.

    @Override
    public Cluster cluster() {
        return present(started);
    }

    @Override
    public Random random() {
        return random;
    }

    @Override
    public void publishOn() {
        publishers().awaitAccepted(SOME);
    }

    @Override
    public void sleepAndFlood() {
        audience().tell(subscriber -> subscriber.sleep(subscriber.random.nextInt(4) == 0));
        publishers().padding(FLOOD_CHARACTERS);
        publishers().awaitAccepted(FLOOD);
        publishers().padding(USUAL_CHARACTERS);
        audience().tell(subscriber -> subscriber.sleep(false));
    }

    // The rounds.

    /** Lets a fault strike while all goes on, waits until all is well again, and answers what is wrong. */
    List<String> play(Round round) {
        boolean mayRepeat = round.fault().repeatsWebhooks() || System.nanoTime() < repeatingUntil;
        publishers().go(round);
        publishOn();
        audience().stir();
        round.fault().strike(this);
        if (round.fault().repeatsWebhooks()) {
            repeatingUntil = System.nanoTime() + REPEATING_NANOS;
        }
        publishOn();
        publishers().pause();
        cluster().awaitReady();
        cluster().redis().awaitReplica();
        List<String> faults = new ArrayList<>(settle());
        if (faults.isEmpty()) {
            faults.addAll(compareMembers(round, mayRepeat));
        }
        if (faults.isEmpty()) {
            faults.addAll(judge(round));
        }
        faults.addAll(publishers().faults());
        return faults;
    }

    private void awaitSettled() {
        List<String> missing = audience().await(Subscriber::isSettled, System.nanoTime() + PATIENCE_NANOS, "AWAY");
        if (!missing.isEmpty()) {
            throw new AssertionError(
                    missing.size() + " are not back: " + missing.subList(0, Math.min(5, missing.size())));
        }
    }

    /** Marks the end of the round until everybody has heard a mark; answers who does not. */
    private List<String> settle() {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        List<String> behind = List.of("not looked yet");
        while (!behind.isEmpty() && System.nanoTime() < deadline) {
            awaitSettled();
            Marks marks = publishers().mark(other);
            behind =
                    audience().await(subscriber -> subscriber.hasHeard(marks), System.nanoTime() + MARK_NANOS, "STUCK");
        }
        return behind;
    }

    /** Waits until everybody knows who is there; answers who does not. */
    private List<String> compareMembers(Round round, boolean mayRepeat) {
        Members members = audience().members();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        List<String> faults = new ArrayList<>(audience().await(each -> each.agrees(members), deadline, "PRESENCE"));
        if (!await(() -> members.differences(cluster()).isEmpty(), deadline)) {
            faults.add("PRESENCE " + members.differences(cluster()));
        }
        boolean forgiving = round.fault().isLossy() || webhooksBroke;
        webhooksBroke = round.fault().isLossy();
        if (forgiving) {
            await(() -> webhooks.agrees(members), System.nanoTime() + FORGIVING_NANOS);
            webhooks.forgive(members);
        } else {
            await(() -> webhooks.agrees(members), deadline);
            faults.addAll(webhooks.judge(members, mayRepeat));
        }
        if (faults.isEmpty()) {
            Members stayed = members.alsoIn(compared);
            Members gone = goneSinceLastRound(members);
            audience().tell(subscriber -> {
                if (subscriber instanceof Member member && member.isHere()) {
                    member.view.learn(stayed.of(member.channel), gone.of(member.channel));
                }
            });
        } else {
            faults.add("in truth there are " + members);
        }
        return faults;
    }

    /** Who was not there when the last round ended either, if that is longer ago than leaves wait. */
    private Members goneSinceLastRound(Members now) {
        long time = System.nanoTime();
        Members gone = time - comparedAt > FORGIVING_NANOS ? audience().absent(now, compared) : new Members(Map.of());
        compared = now;
        comparedAt = time;
        return gone;
    }

    private static boolean await(BooleanSupplier condition, long deadline) {
        boolean good = condition.getAsBoolean();
        while (!good && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            good = condition.getAsBoolean();
        }
        return good;
    }

    private List<String> judge(Round round) {
        History history = History.of(cluster(), other);
        Set<Position> places = new HashSet<>(history.retained());
        places.addAll(cluster().redis().setbacks());
        ledger.close(places);
        List<String> faults = new ArrayList<>();
        if (!round.fault().isLossy()) {
            faults.addAll(history.check(ledger));
        }
        audience().tell(subscriber -> subscriber.testify(ledger));
        faults.addAll(audience().judge(round));
        return faults;
    }

    /** What those heard in this round who are named in these faults, and what was sent and told, for people. */
    String story(List<String> faults) {
        StringBuilder story = new StringBuilder(String.join("\n", faults)).append('\n');
        story.append(audience().story(faults)).append(webhooks.story()).append('\n');
        ledger.ofRound().forEach(message -> story.append(message).append('\n'));
        return story.toString();
    }

    /** Counts for people, then a new round may begin. */
    String next() {
        List<Message> all = ledger.ofRound();
        long refused = all.stream()
                .filter(message -> message.fate() == Message.Fate.REFUSED)
                .count();
        long doubtful = all.stream().filter(Message::isDoubtful).count();
        ledger.nextRound();
        long told = webhooks.story().lines().count();
        return all.size() - refused + " accepted, " + refused + " refused, " + doubtful + " in doubt, "
                + audience().turnPages() + ", " + told + " webhooks";
    }

    @Override
    public void close() {
        if (publishers != null) {
            publishers.close();
        }
        if (audience != null) {
            audience.close();
        }
        if (started != null) {
            started.close();
        }
        webhooks.close();
    }
}
