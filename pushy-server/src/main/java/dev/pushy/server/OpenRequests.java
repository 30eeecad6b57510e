package dev.pushy.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Protocols;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts the requests that are not answered yet, so that a stop can wait for them. */
final class OpenRequests implements HttpHandler {
    private final HttpHandler next;
    private final AtomicInteger open = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();
    private volatile boolean ending;

    OpenRequests(HttpHandler next) {
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        open.incrementAndGet();
        exchange.addExchangeCompleteListener((done, listeners) -> {
            if (open.decrementAndGet() == 0 && ending) {
                tell();
            }
            listeners.proceed();
        });
        if (ending && !exchange.getProtocol().equals(Protocols.HTTP_2_0)) {
            // The connection ends with this answer; the client's next request finds another node.
            exchange.setPersistent(false);
            exchange.getResponseHeaders().put(Headers.CONNECTION, "close");
        }
        next.handleRequest(exchange);
    }

    /** From now on each answer is the last on its connection. */
    void end() {
        ending = true;
    }

    /** Waits until all requests are answered, no longer than given; false if some are not. */
    boolean await(Duration longest) throws InterruptedException {
        end();
        long left = longest.toNanos();
        lock.lockInterruptibly();
        try {
            while (open.get() > 0 && left > 0) {
                left = none.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
        return open.get() == 0;
    }

    private void tell() {
        lock.lock();
        try {
            none.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
