package dev.pushy.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A node of a {@link Simulation}: a real hub with two loops, and clients connected to it. */
final class SimulatedNode {
    private final Simulation world;
    private final List<SimulatedConnection> connections = new ArrayList<>();
    /** What it had heard whenever the broker went away; a process that is killed forgets it. */
    private final Set<Position> heard = new HashSet<>();

    private MemoryBroker broker;
    private Pushy pushy;
    private List<EventLoop> loops;
    private boolean cut;

    SimulatedNode(Simulation world) {
        this.world = world;
        start();
    }

    private void start() {
        Simulation.Setting setting = world.setting;
        broker = world.faults.node(world.time.new Lane(1));
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

    /**
     * Writes down what it has heard of a log that may go back now. While it has not noticed that the log went back before,
     * it stands in the one that was lost, and its offset says nothing of this one.
     */
    void remember(int partition, List<Simulation.Message> log) {
        Position at = hub().sequencer().feed(partition).position();
        if (at == null || !world.faults.holds(at)) {
            return;
        }
        for (Simulation.Message message : log) {
            if (message.position().offset() <= at.offset()) {
                heard.add(message.position());
            }
        }
    }

    /** Whether it has heard this message, or another behind it, and lives. */
    boolean hasHeard(Position position) {
        return heard.contains(position);
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
        world.faults.cut(link);
        long[] pauses = {10, 100, 500};
        world.time.after(pauses[world.time.random.nextInt(3)], () -> {
            cut = false;
            world.faults.heal(link);
        });
    }

    /** Kills the process and starts another. */
    void restart() {
        for (SimulatedConnection connection : List.copyOf(connections)) {
            connection.die();
        }
        connections.clear();
        pushy.close();
        heard.clear();
        start();
    }

    void close() {
        pushy.close();
    }
}
