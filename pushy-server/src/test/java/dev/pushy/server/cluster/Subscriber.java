package dev.pushy.server.cluster;

import dev.pushy.undertow.wire.WireSocket;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A client that writes down what it hears, and comes back to any node that lives when its connection ends. Everything
 * happens on the thread of its {@link Crowd}.
 */
abstract class Subscriber {
    private static final int PIECE = 64 * 1024;
    private static final long LONGEST_PAUSE_NANOS = 400_000_000L;

    final String name;
    final Random random;
    /** What it heard in this round. */
    final List<Heard> log = new ArrayList<>();

    private final int receiveBuffer;
    private @Nullable WireSocket socket;
    private @Nullable SelectionKey key;
    private String node = "nowhere";
    private long comeBackAt;
    private boolean asleep;
    private boolean here = true;

    Subscriber(String name, Random random) {
        this.name = name;
        this.random = random;
        this.receiveBuffer = random.nextInt(4) == 0 ? 4_096 : 0;
    }

    /** Connects to a node and says what it wants. */
    abstract WireSocket open(Node node, int receiveBuffer) throws IOException;

    /** Whether it is connected and has what it asked for. */
    abstract boolean isSettled();

    /** Whether it has heard, on each of its channels, the mark of this number or a later one. */
    abstract boolean hasHeard(Marks marks);

    /** Whether it was told who is there. */
    boolean agrees(Members members) {
        return true;
    }

    /** Says where it heard messages from, if it knows; before anybody is judged. */
    void testify(Ledger ledger) {}

    /** Judges what it heard since the last time. */
    abstract List<String> judge(Round round);

    boolean isConnected() {
        return socket != null;
    }

    /** Whether it wants to be connected. */
    boolean isHere() {
        return here;
    }

    /** Connects if it is time to. */
    void visit(Cluster cluster, Selector selector) {
        if (socket != null || !here || asleep || System.nanoTime() < comeBackAt) {
            return;
        }
        Node found = cluster.any(random);
        if (found == null) {
            return;
        }
        try {
            WireSocket made = open(found, receiveBuffer);
            socket = made;
            node = found.toString();
            key = made.channel().register(selector, SelectionKey.OP_READ, this);
        } catch (ClosedChannelException e) {
            gone("closed at once", false);
        } catch (IOException e) {
            comeBackLater(); // the node has just died
        }
    }

    /** Reads what is there. */
    void read() {
        WireSocket from = socket;
        if (from != null && !asleep) {
            while (from.read(PIECE) == PIECE) {
                // There may be more.
            }
        }
    }

    final void send(String text) {
        try {
            if (socket != null) {
                socket.sendText(text);
            }
        } catch (IOException e) {
            end(socket, "does not take what is sent");
        }
    }

    /** What the readers of both protocols do when the server has ended the connection or told of an error. */
    final void error(String what) {
        if (socket == null || socket.isEnded()) {
            gone(what, false);
        } else {
            log.add(new Heard.Fault("ERROR " + what));
        }
    }

    private void end(@Nullable WireSocket old, String why) {
        if (old != null) {
            old.close(true);
        }
        gone(why, false);
    }

    private void gone(String why, boolean byUs) {
        if (key != null) {
            key.cancel();
        }
        key = null;
        socket = null;
        log.add(new Heard.Closed(why, byUs));
        closed();
        comeBackLater();
    }

    private void comeBackLater() {
        comeBackAt = System.nanoTime() + (long) (random.nextDouble() * LONGEST_PAUSE_NANOS);
    }

    /** The connection has ended. */
    abstract void closed();

    /** Breaks off, and comes back after a while. */
    void drop() {
        WireSocket old = socket;
        if (old != null) {
            old.close(random.nextBoolean());
            gone("drop", true);
        }
    }

    /** Stays away, or comes. */
    void stay(boolean wanted) {
        here = wanted;
        if (!wanted) {
            drop();
        }
    }

    /** Reads nothing until it is woken. */
    void sleep(boolean on) {
        asleep = on;
        if (key != null && key.isValid()) {
            key.interestOps(on ? 0 : SelectionKey.OP_READ);
        }
        if (!on) {
            read();
        }
    }

    /** For people. */
    String story() {
        StringBuilder story = new StringBuilder(this + "\n");
        log.forEach(heard -> story.append("  ").append(heard).append('\n'));
        return story.toString();
    }

    @Override
    public String toString() {
        return name + (socket == null ? " away" : " on " + node) + (asleep ? " asleep" : "");
    }
}
