import com.sun.management.OperatingSystemMXBean;
import dev.pushy.core.Broker;
import dev.pushy.core.Channel;
import dev.pushy.core.ChannelEvent;
import dev.pushy.core.ChannelPattern;
import dev.pushy.core.ControlMessage;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.PublishOptions;
import dev.pushy.core.Revocation;
import dev.pushy.redis.RedisBackplane;
import dev.pushy.redis.RedisConfig;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/**
 * Publishes through Redis with one that listens, in one JVM: bare Jedis (the floor), and the broker with and without
 * history. A line of JSON for each subject, number in flight and round.
 *
 * <p>Arguments: port of Redis, rounds, milliseconds of a slice, seed.
 */
final class RedisLoop {
    private static final int BYTES = 256;
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Who publishes and listens. */
    interface Subject extends AutoCloseable {
        String name();

        /** Publishes for so long with so many in flight. How many it published. */
        long publish(int inFlight, long untilNanos) throws Exception;

        Ear ear();
    }

    /** What was heard: how many, and how long they took. */
    static final class Ear {
        final AtomicLong heard = new AtomicLong();
        private final int[] micros = new int[1 << 21];
        private final AtomicInteger next = new AtomicInteger();

        void hear(byte[] data) {
            long sent = number(data);
            int at = next.getAndIncrement();
            if (at < micros.length) {
                micros[at] = (int) Math.min(Integer.MAX_VALUE, (System.nanoTime() - sent) / 1_000);
            }
            heard.incrementAndGet();
        }

        /** The times so far in order, and forgets them. */
        int[] take() {
            int[] times = Arrays.copyOf(micros, Math.min(micros.length, next.getAndSet(0)));
            Arrays.sort(times);
            return times;
        }
    }

    /** A JSON string of the size of the message, which begins with the time. */
    private static byte[] message() {
        byte[] data = new byte[BYTES];
        Arrays.fill(data, (byte) 'x');
        data[0] = '"';
        data[BYTES - 1] = '"';
        long now = System.nanoTime();
        for (int i = 19; i > 0; i--) {
            data[i] = (byte) ('0' + now % 10);
            now /= 10;
        }
        return data;
    }

    private static long number(byte[] data) {
        long number = 0;
        for (int i = 1; i < 20; i++) {
            number = number * 10 + data[i] - '0';
        }
        return number;
    }

    /** Nothing but PUBLISH and SUBSCRIBE. */
    static final class Bare implements Subject {
        private static final byte[] TOPIC = "bench".getBytes(StandardCharsets.US_ASCII);
        private final Ear ear = new Ear();
        private final Jedis publisher;
        private final Jedis subscriber;
        private final BinaryJedisPubSub subscription = new BinaryJedisPubSub() {
            @Override
            public void onMessage(byte[] topic, byte[] data) {
                ear.hear(data);
            }
        };

        Bare(int port) throws InterruptedException {
            publisher = new Jedis("127.0.0.1", port);
            subscriber = new Jedis("127.0.0.1", port);
            Thread thread = new Thread(() -> subscriber.subscribe(subscription, TOPIC), "bare");
            thread.setDaemon(true);
            thread.start();
            while (!subscription.isSubscribed()) {
                LockSupport.parkNanos(1_000_000);
            }
        }

        @Override
        public String name() {
            return "jedis";
        }

        @Override
        public long publish(int inFlight, long untilNanos) {
            long published = 0;
            while (System.nanoTime() < untilNanos) {
                if (inFlight == 1) {
                    publisher.publish(TOPIC, message());
                } else {
                    try (Pipeline pipeline = publisher.pipelined()) {
                        for (int i = 0; i < inFlight; i++) {
                            pipeline.publish(TOPIC, message());
                        }
                    }
                }
                published += inFlight;
            }
            return published;
        }

        @Override
        public Ear ear() {
            return ear;
        }

        @Override
        public void close() {
            subscription.unsubscribe();
            publisher.close();
        }
    }

    /** The broker of one node publishes, that of another one hears. */
    static final class Nodes implements Subject {
        private final String name;
        private final Channel channel;
        private final PublishOptions options;
        private final Ear ear = new Ear();
        private final Broker publisher;
        private final Broker subscriber;

        Nodes(int port, String name, PublishOptions options) throws Exception {
            this.name = name;
            this.options = options;
            this.channel = Channel.of("bench." + name);
            String url = "redis://127.0.0.1:" + port;
            publisher = RedisBackplane.create(RedisConfig.builder(url).build()).broker();
            subscriber = RedisBackplane.create(RedisConfig.builder(url).build()).broker();
            publisher.start(new Hearing(new Ear()));
            subscriber.start(new Hearing(ear));
            while (!publisher.health().publishing()) {
                LockSupport.parkNanos(1_000_000);
            }
            subscriber
                    .subscribe(ChannelPattern.of(channel.name()))
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long publish(int inFlight, long untilNanos) throws Exception {
            Semaphore room = new Semaphore(inFlight);
            AtomicLong failed = new AtomicLong();
            long published = 0;
            while (System.nanoTime() < untilNanos) {
                room.acquire();
                published++;
                publisher.publish(Publication.of(channel, message()), options).whenComplete((receipt, failure) -> {
                    if (failure != null) {
                        failed.incrementAndGet();
                    }
                    room.release();
                });
            }
            room.acquire(inFlight);
            return published - failed.get();
        }

        @Override
        public Ear ear() {
            return ear;
        }

        @Override
        public void close() {
            publisher.close();
            subscriber.close();
        }
    }

    private record Hearing(Ear ear) implements Broker.Listener {
        @Override
        public void onPublication(Publication publication, Position previous) {
            ear.hear(publication.data());
        }

        @Override
        public void onPresence(ChannelEvent event) {}

        @Override
        public void onMarker(long marker, Position end) {}

        @Override
        public void onLinkUp(int partition) {}

        @Override
        public void onLinkDown(int partition) {}

        @Override
        public void onSetback(int partition) {}

        @Override
        public void onControl(ControlMessage message) {}

        @Override
        public void onRevocation(Revocation revocation) {}
    }

    private static double redisCpu(Jedis redis) {
        double seconds = 0;
        for (String line : redis.info("cpu").split("\r\n")) {
            if (line.startsWith("used_cpu_sys:") || line.startsWith("used_cpu_user:")) {
                seconds += Double.parseDouble(line.substring(line.indexOf(':') + 1));
            }
        }
        return seconds;
    }

    private static void slice(Subject subject, int inFlight, int millis, int round, Jedis redis) throws Exception {
        subject.ear().take();
        long before = subject.ear().heard.get();
        double redisBefore = redisCpu(redis);
        long ownBefore = SYSTEM.getProcessCpuTime();
        long begun = System.nanoTime();
        long published = subject.publish(inFlight, begun + TimeUnit.MILLISECONDS.toNanos(millis));
        double seconds = (System.nanoTime() - begun) / 1e9;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (subject.ear().heard.get() - before < published && System.nanoTime() < deadline) {
            LockSupport.parkNanos(100_000);
        }
        long heard = subject.ear().heard.get() - before;
        double own = (SYSTEM.getProcessCpuTime() - ownBefore) / 1e3 / published;
        double its = (redisCpu(redis) - redisBefore) * 1e6 / published;
        int[] times = subject.ear().take();
        if (round >= 0) {
            System.out.printf(
                    "{\"subject\":\"%s\",\"in_flight\":%d,\"round\":%d,\"published\":%d,\"lost\":%d,\"per_second\":%.0f,"
                            + "\"redis_us\":%.3f,\"own_us\":%.3f,\"p50_us\":%d,\"p99_us\":%d}%n",
                    subject.name(), inFlight, round, published, published - heard, published / seconds, its, own,
                    times[times.length / 2], times[(int) (times.length * 0.99)]);
        }
    }

    private record Slice(Subject subject, int inFlight) {}

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        int millis = Integer.parseInt(arguments[2]);
        Random random = new Random(Long.parseLong(arguments[3]));
        try (Jedis redis = new Jedis("127.0.0.1", port);
                Subject bare = new Bare(port);
                Subject live = new Nodes(port, "live", PublishOptions.LIVE_ONLY);
                Subject kept = new Nodes(port, "kept", new PublishOptions(1_000, Duration.ofMinutes(5)))) {
            List<Slice> slices = new ArrayList<>();
            for (Subject subject : List.of(bare, live, kept)) {
                for (int inFlight : new int[] {1, 512}) {
                    slices.add(new Slice(subject, inFlight));
                }
            }
            for (int round = -3; round < rounds; round++) { // the first ones warm up
                Collections.shuffle(slices, random);
                for (Slice slice : slices) {
                    slice(slice.subject, slice.inFlight, millis, round, redis);
                }
            }
        }
    }
}
