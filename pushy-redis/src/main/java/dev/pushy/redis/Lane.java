package dev.pushy.redis;

import dev.pushy.redis.BackplaneException.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * One connection for scripts and its thread, which takes what waits, writes it all, and reads the answers one by one: many
 * calls share a round trip, in the order in which they came.
 *
 * <p>Bounded in calls and in bytes: what does not fit is refused at once. Without a connection the lane refuses what comes
 * instead of letting it wait, and connects again for ever. A connection that breaks leaves the calls unanswered that were
 * sent on it.
 */
final class Lane {
    private static final System.Logger LOG = System.getLogger(Lane.class.getName());
    private static final int BATCH = 256;
    /** How often scripts are loaded for the same calls: somebody may empty the cache again meanwhile. */
    private static final int LOADS = 5;

    private static final long QUEUE_BYTES = 64L << 20;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Who hears how the lane does. On its thread; must not block. */
    interface Owner {
        void onUp(Lane lane);

        /** Another server has to be asked, or this one is not what it was. */
        void onMoved();
    }

    /** One call in the queue. */
    private static final class Call {
        /** Stands in the queue only to end a wait. */
        static final Call WAKE = new Call(new ScriptCall(Script.of("tell")));
        /** Finds out whether the connection still is one. */
        static final Call PROBE = new Call(new ScriptCall(Script.of("tell")));

        final ScriptCall script;
        final CompletableFuture<Object> answer = new CompletableFuture<>();

        Call(ScriptCall script) {
            this.script = script;
        }

        int bytes() {
            return script.bytes();
        }
    }

    private final HostAndPort address;
    private final Dialer dialer;
    private final Dialer.Use use;
    private final Owner owner;
    private final Counters counters;
    private final ArrayBlockingQueue<Call> queue;
    private final AtomicLong queuedBytes = new AtomicLong();
    private final Backoff backoff = new Backoff(LONGEST_PAUSE_MILLIS);
    private final FaultLog faults = new FaultLog(LOG);

    private volatile boolean closed;
    private volatile @Nullable RedisConnection connection;
    /** Why there is no connection; null while there is one, and before the first attempt has failed. */
    private volatile @Nullable String trouble;

    private final Workers workers;
    private volatile long retryAt = System.nanoTime();
    /** The server said that it is not the master; its other answers are still to be read. */
    private @Nullable JedisDataException noMaster;

    Lane(
            HostAndPort address,
            Dialer dialer,
            Dialer.Use use,
            int capacity,
            Owner owner,
            Counters counters,
            Workers workers) {
        this.address = address;
        this.dialer = dialer;
        this.use = use;
        this.owner = owner;
        this.counters = counters;
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.workers = workers;
    }

    void start() {
        workers.start("pushy-redis-" + use.name().toLowerCase(java.util.Locale.ROOT), this::run);
    }

    /** Calls a script in its turn. Fails with a {@link BackplaneException}. */
    CompletionStage<Object> send(ScriptCall script) {
        Call call = new Call(script);
        boolean fits = queuedBytes.addAndGet(script.bytes()) <= QUEUE_BYTES;
        if (!fits || !queue.offer(call)) {
            queuedBytes.addAndGet(-script.bytes());
            counters.overloads.increment();
            call.answer.completeExceptionally(
                    new BackplaneException(Kind.OVERLOADED, "too many calls wait for Redis at " + address));
        } else if (closed) {
            refuseQueued(closedException());
        }
        return call.answer;
    }

    boolean isUp() {
        return connection != null;
    }

    /** Why there is no connection, or null. */
    @Nullable
    String trouble() {
        return trouble;
    }

    int queued() {
        return queue.size();
    }

    /** Finds out soon whether the connection is broken: another one to the same server is. Any thread. */
    void probe() {
        queue.offer(Call.PROBE);
    }

    /** Connects at once if it waits to do so: Redis is there. Any thread. */
    void hurry() {
        if (connection == null) {
            retryAt = System.nanoTime();
            queue.offer(Call.WAKE);
        }
    }

    /** Refuses what waits and comes; the thread ends soon. Any thread. */
    void close() {
        closed = true;
        RedisConnection open = connection;
        if (open != null) {
            open.abort();
        }
        refuseQueued(closedException());
    }

    private static BackplaneException closedException() {
        return new BackplaneException(Kind.REFUSED, "the connection to Redis was closed");
    }

    private void run() {
        List<Call> batch = new ArrayList<>(BATCH);
        while (!closed) {
            try {
                if (connection == null && System.nanoTime() - retryAt >= 0) {
                    connect();
                }
                take(batch);
                if (!batch.isEmpty()) {
                    exchange(batch);
                }
            } catch (RuntimeException | Error failed) {
                LOG.log(System.Logger.Level.ERROR, "a lane to Redis failed, it goes on", failed);
                batch.forEach(call -> fail(call, Kind.UNANSWERED, "the call failed: " + failed));
            }
            batch.clear();
        }
        drop();
        refuseQueued(closedException());
    }

    private void connect() {
        try {
            RedisConnection made = dialer.master(address, use);
            connection = made;
            trouble = null;
            backoff.succeeded();
            if (closed) {
                made.abort();
                return;
            }
            faults.over("connected to Redis at " + address + " again");
        } catch (RuntimeException failed) {
            String reason = RedisErrors.reason(failed);
            trouble = "Redis at " + address + " is away: " + reason;
            retryAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoff.next());
            faults.report("cannot connect to Redis at " + address + ", trying again: " + reason);
            refuseQueued(new BackplaneException(Kind.REFUSED, String.valueOf(trouble)));
            owner.onMoved();
            return;
        }
        owner.onUp(this);
    }

    /** Waits for calls, or for the time to connect again. */
    private void take(List<Call> batch) {
        long wait = connection != null ? IDLE_NANOS : Math.max(0, retryAt - System.nanoTime());
        try {
            Call first = queue.poll(wait, TimeUnit.NANOSECONDS);
            if (first != null) {
                batch.add(first);
                queue.drainTo(batch, BATCH - 1);
                batch.removeIf(call -> call == Call.WAKE);
                batch.forEach(call -> queuedBytes.addAndGet(-call.bytes()));
            }
        } catch (InterruptedException e) {
            // Nobody does that.
        }
    }

    private void exchange(List<Call> batch) {
        if (connection == null) {
            batch.forEach(call -> fail(call, Kind.REFUSED, String.valueOf(trouble)));
            return;
        }
        long begun = System.nanoTime();
        List<Call> unknown = send(batch);
        // In their order, and before anything that came later.
        for (int times = 0; !unknown.isEmpty() && times < LOADS; times++) {
            unknown = load(unknown) ? send(unknown) : List.of();
        }
        unknown.forEach(call -> fail(call, Kind.REFUSED, "Redis forgets the script " + call.script.script()));
        counters.exchanged(batch.size(), System.nanoTime() - begun);
        JedisDataException wrongServer = noMaster;
        if (wrongServer != null) {
            noMaster = null;
            breakUp(wrongServer);
        }
    }

    /** Sends calls and reads their answers. Those are returned whose script Redis does not know; they were not run. */
    private List<Call> send(List<Call> calls) {
        List<Call> unknown = List.of();
        RedisConnection open = connection;
        int answered = 0;
        try {
            if (open == null) {
                throw new JedisConnectionException("the connection broke");
            }
            for (Call call : calls) {
                if (call == Call.PROBE) {
                    open.sendCommand(Command.PING);
                } else {
                    open.sendCommand(Command.EVALSHA, call.script.words());
                }
            }
            for (Call call : calls) {
                if (!answer(open, call)) {
                    unknown = unknown.isEmpty() ? new ArrayList<>() : unknown;
                    unknown.add(call);
                }
                answered++;
            }
        } catch (JedisConnectionException broken) {
            breakUp(broken);
            String text = "the connection to Redis at " + address + " broke before the answer";
            calls.subList(answered, calls.size()).forEach(call -> fail(call, Kind.UNANSWERED, text));
        }
        return unknown;
    }

    /** Reads one answer. False if Redis does not know the script. */
    private boolean answer(RedisConnection open, Call call) {
        try {
            Object value = open.getOne();
            call.answer.complete(value);
            return true;
        } catch (JedisNoScriptException notLoaded) {
            return false;
        } catch (JedisDataException refused) {
            refused(call, refused);
            return true;
        }
    }

    private void refused(Call call, JedisDataException refused) {
        Kind kind = RedisErrors.kind(refused);
        String text = RedisErrors.explain(refused, call.script.script());
        if (kind == Kind.MOVED) {
            owner.onMoved();
        } else {
            faults.report(text);
        }
        if (RedisErrors.isNoMaster(refused)) {
            noMaster = refused;
        }
        call.answer.completeExceptionally(new BackplaneException(kind, text));
    }

    /** Teaches Redis the scripts that it does not know. False if the connection broke. */
    private boolean load(List<Call> calls) {
        RedisConnection open = connection;
        Set<Script> scripts = new HashSet<>();
        calls.forEach(call -> scripts.add(call.script.script()));
        try {
            if (open == null) {
                throw new JedisConnectionException("the connection broke");
            }
            for (Script script : scripts) {
                open.sendCommand(
                        Command.SCRIPT, "LOAD".getBytes(java.nio.charset.StandardCharsets.US_ASCII), script.text());
                open.getOne();
            }
            return true;
        } catch (JedisException failed) {
            if (failed instanceof JedisConnectionException) {
                breakUp(failed);
            }
            // Redis said that it had not run them.
            calls.forEach(call -> fail(call, Kind.REFUSED, "cannot load a script: " + RedisErrors.reason(failed)));
            return false;
        }
    }

    private void breakUp(JedisException failed) {
        if (connection != null) {
            String reason = RedisErrors.reason(failed);
            trouble = "Redis at " + address + " is away: " + reason;
            if (!closed) {
                faults.report("the connection to Redis at " + address + " broke, connecting again: " + reason);
                counters.laneBreaks.increment();
                owner.onMoved();
            }
        }
        drop();
    }

    private void drop() {
        RedisConnection open = connection;
        connection = null;
        if (open != null) {
            open.abort();
        }
    }

    private void refuseQueued(BackplaneException reason) {
        for (Call call = queue.poll(); call != null; call = queue.poll()) {
            queuedBytes.addAndGet(-call.bytes());
            call.answer.completeExceptionally(reason);
        }
        if (closed) {
            queue.offer(Call.WAKE);
        }
    }

    private static void fail(Call call, Kind kind, String reason) {
        call.answer.completeExceptionally(new BackplaneException(kind, reason));
    }
}
