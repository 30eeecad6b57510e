package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import redis.clients.jedis.HostAndPort;

/** What lies between one node and all servers of its Redis, with a {@link Proxy} before each; a test can break it. */
final class Network implements AutoCloseable {
    private final IntUnaryOperator reach;
    private final Map<Integer, Proxy> proxies = new HashMap<>();
    private final AtomicInteger messagesToLose = new AtomicInteger();
    private boolean cut;
    private boolean mute;
    private boolean blackHole;

    /**
     * A network in order.
     *
     * @param reach at which port the server is that goes by this port
     */
    Network(IntUnaryOperator reach) {
        this.reach = reach;
    }

    /** Where a node connects that wants to speak to a server. */
    synchronized HostAndPort route(HostAndPort server) {
        int target = reach.applyAsInt(server.getPort());
        Proxy proxy = proxies.computeIfAbsent(server.getPort(), port -> add(target));
        proxy.target(target);
        return new HostAndPort("127.0.0.1", proxy.port());
    }

    private Proxy add(int target) {
        Proxy proxy = new Proxy(target, messagesToLose);
        proxy.mute(mute);
        proxy.blackHole(blackHole);
        if (cut) {
            proxy.cut();
        }
        return proxy;
    }

    private synchronized void all(Consumer<Proxy> change) {
        proxies.values().forEach(change);
    }

    /** Breaks all connections, and lets none in. */
    synchronized void cut() {
        cut = true;
        all(Proxy::cut);
    }

    synchronized void heal() {
        cut = false;
        all(Proxy::heal);
    }

    synchronized boolean isCut() {
        return cut;
    }

    /** Loses the next message on a topic, without a sign. Returns when that has happened. */
    void loseMessage() {
        messagesToLose.incrementAndGet();
        Await.until(() -> messagesToLose.get() == 0, () -> "no message comes that could be lost");
    }

    /** Whether answers to commands are lost, while messages on topics come. */
    synchronized void mute(boolean on) {
        mute = on;
        all(proxy -> proxy.mute(on));
    }

    /** Whether nothing passes any more, though all connections stay. */
    synchronized void blackHole(boolean on) {
        blackHole = on;
        all(proxy -> proxy.blackHole(on));
    }

    @Override
    public synchronized void close() {
        cut = true;
        all(Proxy::close);
    }
}
