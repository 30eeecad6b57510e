package dev.pushy.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A node of a {@link Simulation}: a real hub with two loops, and clients connected to it. */
final class SimulatedNode {
    private final Simulation world;
    private final List<SimulatedConnection> connections = new ArrayList<>();
    private MemoryBroker broker;
    private Pushy pushy;
    private List<EventLoop> loops;
    private boolean cut;
    private int restarts;

    SimulatedNode(Simulation world) {
        this.world = world;
        start();
    }

    private void start() {
        Simulation.Setting setting = world.setting;
        broker = new MemoryBroker(world.cluster, world.time.new Lane(1));
        loops = List.of(world.time.new Loop(), world.time.new Loop());
        pushy = Pushy.builder()
                .broker(new LaggingBroker(broker, world.time))
                .timers(world.time.timers())
                .limits(Limits.builder()
                        .replayPerChannel(setting.limit())
                        .replayTotal(setting.limit())
                        .backlogBytes(setting.backlog())
                        .mailbox(setting.kind() == Simulation.Kind.SLOW ? 16 : 65_536)
                        .interestLinger(Duration.ofMillis(setting.linger()))
                        .build())
                .start();
    }

    /** How often its process was killed: what it knew is forgotten. */
    int restarts() {
        return restarts;
    }

    /** Whether it has heard that the log stood there, or further. */
    boolean hasHeard(Position position) {
        Position at = hub().sequencer().feed(position.partition()).position();
        return at != null && at.epoch() == position.epoch() && at.offset() >= position.offset();
    }

    Hub hub() {
        return pushy.hub();
    }

    EventLoop someLoop() {
        return loops.get(world.time.random.nextInt(loops.size()));
    }

    void add(SimulatedConnection connection) {
        connections.add(connection);
    }

    void remove(SimulatedConnection connection) {
        connections.remove(connection);
    }

    /** Breaks the link to the broker for a while. */
    void cut() {
        if (cut) {
            return;
        }
        cut = true;
        MemoryLink link = broker.link();
        world.cluster.cut(link);
        long[] pauses = {10, 100, 500};
        world.time.after(pauses[world.time.random.nextInt(3)], () -> {
            cut = false;
            world.cluster.heal(link);
        });
    }

    /** Kills the process and starts another. */
    void restart() {
        for (SimulatedConnection connection : List.copyOf(connections)) {
            connection.die();
        }
        connections.clear();
        pushy.close();
        restarts++;
        start();
    }

    void close() {
        pushy.close();
    }
}
