package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Member;
import dev.pushy.core.PresenceStore;
import dev.pushy.core.PresenceStore.Transition;
import dev.pushy.core.contract.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Assertions;

/** A node of a cluster for tests: a backplane that hears everything, a presence store, and what its listener heard. */
final class PresenceNode implements PresenceStore.Listener, AutoCloseable {
    final RedisBackplane redis;
    final RedisPresenceStore store;
    private final List<String> heard = new ArrayList<>();
    private final List<Transition> transitions = new ArrayList<>();
    /** What becomes of a transition that was heard; done at once unless a test says otherwise. */
    volatile Function<Transition, CompletionStage<Void>> dealing = transition -> Transition.DONE;
    /** Done when the store says that it ends. */
    volatile Runnable onClosing = () -> {};

    private PresenceNode(RedisConfig config, Duration lease, boolean renewing) {
        redis = RedisBackplane.create(config);
        store = new RedisPresenceStore(redis, lease, renewing);
    }

    /** A node that does all by itself, with short leases. */
    static PresenceNode lively(RedisConfig config, Duration lease) {
        return new PresenceNode(config, lease, true).start();
    }

    /** A node whose lease is renewed, and which takes others back, when the test says so. */
    static PresenceNode passive(RedisConfig config, Duration lease) {
        return new PresenceNode(config, lease, false).start();
    }

    private PresenceNode start() {
        redis.open();
        Await.get(redis.declare(ChannelPattern.of("**")));
        awaitUp(redis);
        store.start(this);
        return this;
    }

    /** What comes while a link is not up is not handed out. */
    static void awaitUp(RedisBackplane redis) {
        for (int p = 0; p < redis.partitions(); p++) {
            int partition = p;
            Await.until(() -> redis.isUp(partition), () -> "the link of partition " + partition + " does not come up");
        }
    }

    /** Ends as a process ends that is killed: its connections are closed, and nothing is said. */
    void die() {
        redis.close();
    }

    @Override
    public void close() {
        store.close();
        redis.close();
    }

    CompletionStage<Boolean> join(Channel channel, String subject) {
        return store.update(channel, new Member(subject, "\"" + subject + "\"", 1), Integer.MAX_VALUE);
    }

    CompletionStage<Boolean> leave(Channel channel, String subject) {
        return store.update(channel, new Member(subject, "null", 0), Integer.MAX_VALUE);
    }

    List<String> members(Channel channel) {
        return Await.get(store.members(channel)).stream().map(Member::subject).toList();
    }

    void awaitMembers(Channel channel, int count) {
        Await.until(
                () -> Await.get(store.memberCount(channel)) == count,
                () -> Await.get(store.memberCount(channel)) + " members of " + channel + ", expected " + count);
    }

    /** Joins and leaves, as {@code +ann@room}. */
    synchronized List<String> heard() {
        return List.copyOf(heard);
    }

    /** What these nodes told, each transition once and in order, as {@code JOINED:ann@room}. */
    static List<String> told(PresenceNode... nodes) {
        Map<String, Transition> byId = new LinkedHashMap<>();
        for (PresenceNode node : nodes) {
            node.transitions().forEach(each -> byId.put(each.id(), each));
        }
        return byId.values().stream()
                .sorted(Comparator.comparing(Transition::time))
                .map(each -> each.kind() + ":" + each.subject() + "@" + each.channel())
                .toList();
    }

    /** Waits until a number of transitions was told, and fails unless they are these, in whatever order. */
    static void awaitTold(List<String> expected, PresenceNode... nodes) {
        List<String> sorted = expected.stream().sorted().toList();
        Await.until(() -> told(nodes).size() >= sorted.size(), () -> "expected " + sorted + ", told " + told(nodes));
        Assertions.assertEquals(sorted, told(nodes).stream().sorted().toList());
    }

    synchronized List<Transition> transitions() {
        return List.copyOf(transitions);
    }

    @Override
    public synchronized void onPresence(ChannelEvent event) {
        heard.add(
                event instanceof Join join
                        ? "+" + join.member().subject() + "@" + event.channel()
                        : "-" + ((Leave) event).member().subject() + "@" + event.channel());
    }

    @Override
    public void onMarker(Channel channel, long marker) {}

    @Override
    public CompletionStage<Void> onTransition(Transition transition) {
        synchronized (this) {
            transitions.add(transition);
        }
        return dealing.apply(transition);
    }

    @Override
    public void onClosing() {
        onClosing.run();
    }
}
