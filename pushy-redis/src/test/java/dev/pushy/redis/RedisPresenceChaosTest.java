package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import dev.pushy.core.PresenceStore.Transition;
import dev.pushy.core.contract.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/**
 * Three nodes tell at random of their members, while faults strike at random. Whatever happens, in the end all nodes agree
 * with what the nodes that live want; and as long as Redis loses no data each member's transitions alternate.
 *
 * <p>The seed is printed and can be given as {@code -Dpresence.seed=}, the number of rounds as {@code -Dpresence.rounds=}.
 */
class RedisPresenceChaosTest {
    private static final int ROOMS = 6;
    private static final int SUBJECTS = 12;
    private static final int NODES = 3;
    private static final int PARTITIONS = 2;
    private static final Duration LEASE = Duration.ofSeconds(3);

    private final RedisServer server = RedisServer.start(RedisServer.Kind.PATH);
    private final long seed = Long.getLong("presence.seed", System.nanoTime());
    private final int rounds = Integer.getInteger("presence.rounds", 25);
    private final String repeat = "repeat with -Dpresence.seed=" + seed;
    private final Random random = new Random(seed);
    private final List<PresenceNode> nodes = new ArrayList<>();
    private final List<PresenceNode> dead = new ArrayList<>();
    private final Map<PresenceNode, Map<String, Integer>> wanted = new HashMap<>();

    @AfterEach
    void end() {
        nodes.forEach(PresenceNode::close);
        dead.forEach(PresenceNode::close);
        server.close();
    }

    private void addNode() {
        RedisConfig config = RedisConfig.builder(server.url())
                .partitions(PARTITIONS)
                .connectTimeout(Duration.ofMillis(300))
                .commandTimeout(Duration.ofMillis(300))
                .build();
        PresenceNode node = PresenceNode.lively(config, LEASE);
        nodes.add(node);
        wanted.put(node, new TreeMap<>());
    }

    @Test
    void faultsAtRandom_transitionsAlternateAndNothingIsForgotten() {
        Set<String> present = run(6);
        nodes.forEach(node -> assertEquals(0, node.store.stats().forgotten(), repeat + ": Redis lost nothing"));
        Await.until(() -> present(histories()).equals(present), () -> repeat + ": told " + histories());
        histories().forEach((key, history) -> assertTrue(history.matches("(\\+-)*\\+?"), repeat + " " + key + history));
    }

    @Test
    void redisLosesData_nothingIsForgotten() {
        run(8);
    }

    /** Returns who is present in the end. */
    private Set<String> run(int kinds) {
        System.out.println(repeat);
        for (int i = 0; i < NODES; i++) {
            addNode();
        }
        for (int round = 0; round < rounds; round++) {
            fault(random.nextInt(kinds));
            tellMany(300);
        }
        Set<String> present = new TreeSet<>();
        wanted.values()
                .forEach(each -> each.forEach((key, count) -> {
                    if (count > 0) {
                        present.add(key);
                    }
                }));
        for (PresenceNode node : nodes) {
            Await.until(
                    () -> members(node).equals(present),
                    () -> repeat + ": members " + members(node) + ", wanted " + present);
        }
        return present;
    }

    private void fault(int kind) {
        PresenceNode victim = nodes.get(random.nextInt(nodes.size()));
        switch (kind) {
            case 0 -> takeForDead(victim);
            case 1 -> {
                victim.die();
                nodes.remove(victim);
                wanted.remove(victim);
                dead.add(victim);
                addNode();
            }
            case 2 -> {
                victim.close();
                nodes.remove(victim);
                wanted.remove(victim);
                dead.add(victim);
                addNode();
            }
            case 3 -> {
                server.pause();
                tellMany(random.nextInt(20)); // as long as it takes them to give up
                server.resume();
            }
            case 4 -> {
                try (Jedis redis = server.connect()) {
                    redis.scriptFlush();
                    redis.clientKill(new ClientKillParams().type(ClientType.NORMAL));
                }
            }
            case 6 -> {
                server.kill();
                tellMany(random.nextInt(20));
                server.restart();
            }
            case 7 -> {
                server.save();
                tellMany(100);
                server.kill();
                server.restart();
                server.forget();
            }
            default -> {
                // Nothing happens.
            }
        }
    }

    /** The others take back what it said, or some of it, while it goes on. */
    private void takeForDead(PresenceNode victim) {
        for (int p = 0; p < PARTITIONS; p++) {
            String name = victim.store.name(p);
            if (name != null) {
                PresenceCalls calls = new PresenceCalls(victim.redis, p, LEASE.toMillis());
                settle(calls.end(name, false));
                CompletionStage<Void> back = new PresenceReaper(calls, new PresenceCounters()).takeBack(name);
                if (random.nextBoolean()) {
                    settle(back);
                }
            }
        }
    }

    private void tellMany(int count) {
        List<CompletionStage<?>> stages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stages.add(tell());
        }
        stages.forEach(RedisPresenceChaosTest::settle);
    }

    private CompletionStage<?> tell() {
        PresenceNode node = nodes.get(random.nextInt(nodes.size()));
        Channel channel = Channel.of("room." + random.nextInt(ROOMS));
        String subject = "user-" + random.nextInt(SUBJECTS);
        int count = Math.max(0, random.nextInt(4) - 1);
        wanted.get(node).put(channel + "/" + subject, count);
        return node.store.update(channel, new Member(subject, "null", count));
    }

    private static void settle(CompletionStage<?> stage) {
        boolean unused =
                stage.handle((done, failure) -> true).toCompletableFuture().join();
    }

    private static Set<String> members(PresenceNode node) {
        Set<String> all = new TreeSet<>();
        for (int room = 0; room < ROOMS; room++) {
            String name = "room." + room;
            node.store
                    .members(Channel.of(name))
                    .handle((members, failure) -> members == null ? List.<Member>of() : members)
                    .toCompletableFuture()
                    .join()
                    .forEach(member -> all.add(name + "/" + member.subject()));
        }
        return all;
    }

    /** Joins and leaves by channel and subject, in the order in which they were decided. */
    private Map<String, String> histories() {
        Map<String, Transition> byId = new HashMap<>();
        for (List<PresenceNode> each : List.of(nodes, dead)) {
            each.forEach(node -> node.transitions().forEach(transition -> byId.put(transition.id(), transition)));
        }
        Map<String, String> histories = new TreeMap<>();
        byId.values().stream()
                .sorted(Comparator.comparing(Transition::time).thenComparing(RedisPresenceChaosTest::number))
                .forEach(each -> histories.merge(
                        each.channel() + "/" + each.subject(),
                        each.kind() == Transition.Kind.JOINED ? "+" : "-",
                        String::concat));
        return histories;
    }

    private static int number(Transition transition) {
        return Integer.parseInt(transition.id().substring(transition.id().lastIndexOf('-') + 1));
    }

    private static Set<String> present(Map<String, String> histories) {
        return histories.entrySet().stream()
                .filter(each -> each.getValue().endsWith("+"))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
