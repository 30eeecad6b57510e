package dev.pushy.redis;

/** Has each line prove now and then that it hears, and drops the links of those that do not. On the timer's thread. */
final class Canaries implements Runnable {
    private static final System.Logger LOG = System.getLogger(Canaries.class.getName());
    private static final Script TELL = Script.of("tell");

    private final RedisBackplane backplane;
    private final Line[] lines;
    private final long patienceNanos;

    Canaries(RedisBackplane backplane, Line[] lines) {
        this.backplane = backplane;
        this.lines = lines;
        this.patienceNanos = backplane.config().canary().toNanos();
    }

    @Override
    public void run() {
        for (Line line : lines) {
            if (line.isUp()) {
                send(line);
            }
        }
    }

    private void send(Line line) {
        if (line.canary.isMissed(System.nanoTime(), patienceNanos)) {
            backplane.counters().canariesMissed.increment();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Redis took a message for partition {0} that this node does not hear: connecting again",
                    line.partition);
            line.canary.forget();
            line.reconnect();
            return;
        }
        byte[] payload = line.canary.next();
        if (payload.length > 0) {
            send(line, payload);
        }
    }

    private void send(Line line, byte[] payload) {
        backplane.counters().canariesSent.increment();
        ScriptCall call = new ScriptCall(TELL)
                .key(backplane.keys().service(line.partition))
                .arg(backplane.publishCommand())
                .arg(payload);
        backplane.eval(line.partition, call).whenComplete((done, failure) -> {
            if (failure == null) {
                line.canary.accepted(System.nanoTime());
            } else {
                line.canary.failed();
            }
        });
    }
}
