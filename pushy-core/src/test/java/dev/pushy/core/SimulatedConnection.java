package dev.pushy.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** A connection between a {@link SimulatedNode} and a {@link SimulatedClient}: frames arrive in order, after a while. */
final class SimulatedConnection implements Connection, Subscriber.Listener {
    private static final LineFormat FORMAT = new LineFormat();

    private final Simulation world;
    private final SimulatedNode node;
    private final SimulatedClient client;
    private final EventLoop loop;
    private final String id;
    private final VirtualTime.Lane toClient;
    private final VirtualTime.Lane toServer;
    private final ArrayDeque<byte[]> pending = new ArrayDeque<>();
    private Subscriber subscriber;
    private int backlog;
    private boolean draining;
    private boolean closed;
    /** Nothing may be written behind a frame that was refused. */
    private boolean closing;
    /** The process behind it is gone. */
    private boolean dead;

    SimulatedConnection(Simulation world, SimulatedNode node, SimulatedClient client, String id) {
        this.world = world;
        this.node = node;
        this.client = client;
        this.loop = node.someLoop();
        this.id = id;
        this.toClient = world.time.new Lane(1);
        this.toServer = world.time.new Lane(1);
        node.add(this);
    }

    /** The client's requests reach the server in the order it made them. */
    void request(java.util.function.Consumer<Subscriber> request) {
        toServer.execute(() -> loop.execute(() -> {
            if (!closed && !dead) {
                request.accept(subscriber);
            }
        }));
    }

    void open(java.util.List<ChannelPattern> patterns, Resume resume) {
        toServer.execute(() -> loop.execute(() -> {
            if (!closed && !dead) {
                subscriber = node.hub().connect(this, Grant.of("anna", java.util.List.of()), this);
                subscriber.open(patterns, resume);
                beat();
            }
        }));
    }

    private void beat() {
        world.time.after(
                2_000,
                () -> loop.execute(() -> {
                    if (!closed && !dead) {
                        subscriber.heartbeat();
                        beat();
                    }
                }));
    }

    /** The client is gone; the server notices later. */
    void vanish() {
        toServer.execute(() -> loop.execute(() -> closedBy(CloseReason.CLIENT_GONE)));
    }

    void die() {
        dead = true;
        client.lost(this);
    }

    private void closedBy(CloseReason reason) {
        if (closed || dead) {
            return;
        }
        closed = true;
        node.remove(this);
        if (subscriber != null) {
            subscriber.closed(reason);
        }
        toClient.execute(() -> client.lost(this));
    }

    void say(String line) {
        append(line.getBytes(StandardCharsets.UTF_8), null);
    }

    @Override
    public void append(byte[] frame, Publication publication) {
        if (closed || dead || closing) {
            return;
        }
        if (backlog + frame.length > world.setting.backlog() && !pending.isEmpty()) {
            close(CloseReason.SLOW_CONSUMER);
            return;
        }
        pending.add(frame);
        backlog += frame.length;
    }

    @Override
    public void flush() {
        if (closed || dead || draining) {
            return;
        }
        if (client.slow) {
            draining = true;
            world.time.after(300, this::drainSlowly);
            return;
        }
        while (!pending.isEmpty()) {
            sendOne();
        }
    }

    /** As a socket does: takes all, or some and keeps the rest, or has no room. */
    @Override
    public boolean writeNow(Burst burst) {
        if (closed || dead || closing || draining || client.slow || !pending.isEmpty()) {
            return false;
        }
        int takes = world.time.random.nextInt(4) == 0 ? world.time.random.nextInt(burst.size() + 1) : burst.size();
        for (int i = 0; i < burst.size(); i++) {
            append(burst.frame(i), burst.publication(i));
            if (i < takes) {
                sendOne();
            }
        }
        if (!pending.isEmpty()) {
            draining = true;
            world.time.after(world.time.lag(), this::drainSlowly);
        }
        return true;
    }

    private void drainSlowly() {
        draining = false;
        if (closed || dead) {
            return;
        }
        boolean had = !pending.isEmpty();
        if (client.slow) {
            if (had) {
                sendOne();
            }
            flush();
        } else {
            flush();
        }
        if (had && pending.isEmpty() && subscriber != null) {
            subscriber.drained();
        }
    }

    private void sendOne() {
        byte[] frame = pending.remove();
        backlog -= frame.length;
        String line = new String(frame, StandardCharsets.UTF_8);
        toClient.execute(() -> client.receive(this, line));
    }

    @Override
    public int backlog() {
        return backlog;
    }

    @Override
    public void close(CloseReason reason) {
        closing = true;
        loop.execute(() -> closedBy(reason));
    }

    @Override
    public void onOpen(Cursor cursor, boolean resumed) {
        if (cursor != null) {
            say("checkpoint " + cursor);
        }
        say("open");
    }

    @Override
    public void onChange(ControlMessage.ChangeStream change) {}

    @Override
    public void onDrain(long reconnectMillis) {}

    @Override
    public String id() {
        return id;
    }

    @Override
    public String transport() {
        return "test";
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public WireFormat format() {
        return FORMAT;
    }
}
