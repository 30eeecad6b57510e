package dev.pushy.redis;

import dev.pushy.core.Channel;
import dev.pushy.core.Member;
import dev.pushy.core.PresenceStore.Transition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The scripts of presence for one partition: their keys and arguments, and what their answers mean. Any thread, no state.
 * All stages fail with a {@link BackplaneException}, in bounded time.
 */
final class PresenceCalls {
    /** The most entries of one call: what one step of Redis may cost. */
    static final int BATCH = 64;
    /** The most channels in one page of the occupied ones. */
    static final int PAGE = 1_000;
    /** The most transitions that wait in a partition; then the oldest are dropped. */
    static final int OUTBOX = 100_000;

    private static final Script UPDATE = Script.of("presence-update");
    private static final Script RENEW = Script.of("presence-renew");
    private static final Script END = Script.of("presence-end");
    private static final Script LEFT = Script.of("presence-left");
    private static final Script READ_OUTBOX = Script.of("presence-outbox");
    private static final Script MEMBERS = Script.of("presence-members");
    private static final Script COUNT = Script.of("presence-count");
    private static final Script OCCUPIED = Script.of("presence-occupied");

    /** How Redis sees the node that calls. */
    enum Standing {
        /** The call was made. */
        OK,
        /** The node was taken for dead, others take back what it said. */
        ENDED,
        /** Redis has forgotten the node, or something that it said. */
        LOST,
        /** A later call of the node came first; this one was not made. */
        STALE
    }

    /**
     * The answer to a renewal.
     *
     * @param teller whether the node is to tell the transitions of this partition
     * @param ended nodes that have ended and that the caller is to take back
     */
    record Renewal(Standing standing, boolean teller, List<String> ended) {}

    /** The answer to statements, one to each if they were made. */
    record Update(Standing standing, List<Answer> answers) {}

    /**
     * The answer to one statement.
     *
     * @param fits false: the channel was full, or there was nothing to take back
     * @param fault why Redis cannot take it, or null
     */
    record Answer(boolean fits, @Nullable String fault) {
        private static Answer of(Object part) {
            return part instanceof Long number
                    ? new Answer(number == 1, null)
                    : new Answer(false, PresenceRecord.text(part));
        }
    }

    /**
     * Some of the outbox.
     *
     * @param waiting how many transitions are in it, or -1 where another node tells
     */
    record Outbox(long waiting, List<Transition> transitions) {}

    private final RedisBackplane redis;
    private final int partition;
    private final long leaseMillis;

    PresenceCalls(RedisBackplane redis, int partition, long leaseMillis) {
        this.redis = redis;
        this.partition = partition;
        this.leaseMillis = leaseMillis;
    }

    int partition() {
        return partition;
    }

    /** Keeps the lease of a node, or takes the first one of a new node, whose call is 0. */
    CompletionStage<Renewal> renew(String node, long known, long number) {
        ScriptCall call = call(RENEW, "leases", "ended", "reaping", "progress", "teller")
                .arg(node)
                .arg(known)
                .arg(number)
                .arg(leaseMillis)
                .arg(redis.keys().service(partition))
                .arg(redis.shiftMillis());
        return redis.eval(partition, call).thenApply(answer -> {
            List<?> parts = (List<?>) answer;
            List<String> ended =
                    parts.stream().skip(2).map(PresenceRecord::text).toList();
            return new Renewal(standing(parts), parts.get(1).equals(1L), ended);
        });
    }

    /** Ends the lease of a node. What it said is then to be taken back; quietly: without telling the outbox. */
    CompletionStage<?> end(String node, boolean quietly) {
        ScriptCall call = call(END, "leases", "ended", "reaping", "progress")
                .arg(node)
                .arg(quietly ? "q" : "l")
                .arg(redis.shiftMillis());
        return redis.eval(partition, call);
    }

    /** Makes statements of a living node. */
    CompletionStage<Update> update(String node, long known, long number, List<Statement> statements) {
        Map<Channel, Integer> rooms = new LinkedHashMap<>();
        for (Statement statement : statements) {
            if (statement.subject() != null) {
                rooms.computeIfAbsent(statement.channel(), channel -> rooms.size() + 1);
            }
        }
        ScriptCall call = call(UPDATE, "leases", "ended", "reaping", "progress", "node:" + node)
                .keys(keys("outbox", "teller", "counts", "occupied"));
        rooms.keySet().forEach(channel -> call.key(room(channel)));
        call.arg(node).arg(known).arg(number).arg(redis.publishCommand()).arg(OUTBOX);
        for (Statement statement : statements) {
            add(call, statement.subject() == null ? 0 : rooms.getOrDefault(statement.channel(), 0), statement);
        }
        return redis.eval(partition, call).thenApply(answer -> {
            List<?> parts = (List<?>) answer;
            return new Update(
                    standing(parts), parts.stream().skip(1).map(Answer::of).toList());
        });
    }

    private void add(ScriptCall call, int room, Statement statement) {
        List<byte[]> topics = room == 0 ? List.of() : redis.keys().topics(statement.channel());
        call.arg(room)
                .arg(statement.quiet() ? 1 : 0)
                .arg(Statement.text(statement.channel()))
                .arg(statement.subject() == null ? "" : statement.subject())
                .arg(statement.meta())
                .arg(statement.count())
                .arg(statement.most())
                .arg(topics.size())
                .args(topics);
    }

    /** Makes statements in place of an ended node. */
    CompletionStage<Update> takeBack(String node, List<Statement> statements) {
        return update(node, 0, 0, statements);
    }

    /** Some of what an ended node had said, or nothing when all is taken back. */
    CompletionStage<List<Statement>> left(String node) {
        ScriptCall call =
                call(LEFT, "reaping", "node:" + node).arg(node).arg(BATCH).arg(redis.shiftMillis());
        return redis.eval(partition, call)
                .thenApply(answer -> ((List<?>) answer)
                        .stream()
                                .map(PresenceRecord::text)
                                .map(PresenceCalls::entry)
                                .toList());
    }

    private static Statement entry(String text) {
        if (text.charAt(0) == 's') {
            return Statement.none(Statement.channel(text.substring(1)), null);
        }
        int end = text.indexOf('\n');
        return Statement.none(Statement.channel(text.substring(1, end)), text.substring(end + 1));
    }

    /**
     * Forgets transitions that were dealt with, and lets the teller read on.
     *
     * @param node the teller; whoever else asks reads nothing
     * @param last the id of the one behind which is read, or nothing: from the start
     * @param most of those that are read, {@link #BATCH} at most
     * @param forget ids
     */
    CompletionStage<Outbox> outbox(String node, String last, int most, List<String> forget) {
        ScriptCall call =
                call(READ_OUTBOX, "outbox", "teller").arg(node).arg(most).arg(entryId(last));
        forget.forEach(id -> call.arg(entryId(id)));
        return redis.eval(partition, call).thenApply(answer -> {
            List<?> parts = (List<?>) answer;
            List<Transition> transitions = new ArrayList<>(parts.size() / 4);
            for (int i = 1; i < parts.size(); i += 4) {
                transitions.add(transition(parts.subList(i, i + 4)));
            }
            return new Outbox((Long) parts.get(0), transitions);
        });
    }

    private static String entryId(String transitionId) {
        return transitionId.substring(transitionId.indexOf('.') + 1);
    }

    /** Its id is that in the stream, which begins with the time, behind the partition. */
    private Transition transition(List<?> parts) {
        String id = PresenceRecord.text(parts.get(0));
        return new Transition(
                partition + "." + id,
                Transition.Kind.valueOf(PresenceRecord.text(parts.get(1))),
                Statement.channel(PresenceRecord.text(parts.get(2))),
                PresenceRecord.text(parts.get(3)),
                Long.parseLong(id.substring(0, id.indexOf('-'))));
    }

    /** The members of a channel, and where a marker is given it is sent to this node. */
    CompletionStage<List<Member>> members(Channel channel, @Nullable Long marker) {
        ScriptCall call = new ScriptCall(MEMBERS).key(room(channel));
        if (marker != null) {
            call.arg(redis.publishCommand())
                    .arg(redis.keys().service(partition))
                    .arg(PresencePayload.marker(channel, marker));
        }
        return redis.read(partition, call).thenApply(answer -> PresenceRecord.members((List<?>) answer));
    }

    CompletionStage<Integer> memberCount(Channel channel) {
        return count(channel).thenApply(parts -> Math.toIntExact((Long) parts.get(0)));
    }

    CompletionStage<Integer> subscriberCount(Channel channel) {
        return count(channel).thenApply(parts -> PresenceRecord.sum(PresenceRecord.text(parts.get(1))));
    }

    private CompletionStage<List<?>> count(Channel channel) {
        ScriptCall call = call(COUNT, "counts").key(room(channel)).arg(Statement.text(channel));
        return redis.read(partition, call).thenApply(List.class::cast);
    }

    /**
     * The next occupied channels of an app, in the order of their names, at most {@link #PAGE}.
     *
     * @param after the last one of the page before, or null
     */
    CompletionStage<Map<Channel, Integer>> occupied(String app, String prefix, @Nullable Channel after) {
        byte[] end = ('(' + app + ':' + prefix + '?').getBytes(StandardCharsets.UTF_8);
        end[end.length - 1] = (byte) 0xff; // beyond whatever a name can go on with
        ScriptCall call = call(OCCUPIED, "occupied", "counts")
                .arg(after == null ? '[' + app + ':' + prefix : '(' + Statement.text(after))
                .arg(end)
                .arg(PAGE);
        return redis.read(partition, call).thenApply(answer -> {
            List<?> parts = (List<?>) answer;
            Map<Channel, Integer> page = new LinkedHashMap<>();
            for (int i = 0; i < parts.size(); i += 2) {
                page.put(
                        Statement.channel(PresenceRecord.text(parts.get(i))),
                        PresenceRecord.sum(PresenceRecord.text(parts.get(i + 1))));
            }
            return page;
        });
    }

    private static Standing standing(List<?> answer) {
        return switch (PresenceRecord.text(answer.get(0))) {
            case "ok" -> Standing.OK;
            case "ended" -> Standing.ENDED;
            case "stale" -> Standing.STALE;
            default -> Standing.LOST;
        };
    }

    private ScriptCall call(Script script, String... names) {
        return new ScriptCall(script).keys(keys(names));
    }

    private byte[] room(Channel channel) {
        return redis.keys().key(partition, "room", channel);
    }

    private List<byte[]> keys(String... names) {
        List<byte[]> keys = new ArrayList<>(names.length);
        for (String name : names) {
            keys.add(redis.keys().key(partition, "presence:" + name));
        }
        return keys;
    }
}
