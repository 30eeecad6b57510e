package dev.pushy.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the process at SIGTERM and SIGINT: gracefully at the first, at once at the second.
 *
 * <p>A shutdown hook would do for the first, but a JVM that is going down hears no second one. The class that hears
 * signals is supported by every JDK but stands in no standard API, so it is reached by reflection; without it the hook
 * has to do.
 */
final class Signals {
    private static final System.Logger LOG = System.getLogger(Signals.class.getName());
    private static final int EXIT_BY_SIGNAL = 128;

    private Signals() {}

    static void stop(PushyServer server) {
        AtomicInteger heard = new AtomicInteger();
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                onSignal(server, heard, arguments[0]);
                yield null;
            }
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            default -> "the end of the server";
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> listener = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(listener.getClassLoader(), new Class<?>[] {listener}, handler);
            for (String name : new String[] {"TERM", "INT"}) {
                signal.getMethod("handle", signal, listener)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException e) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "Signals cannot be heard here; a second one will not end the stop early",
                    e);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server), "pushy-stop"));
        }
    }

    /**
     * Keeps the calling thread until a signal has ended the process. Without it the JVM would end with the last IO thread,
     * in the midst of the stop and before that was logged: signals are handled on daemon threads.
     */
    static void awaitEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Called by the JVM, for each signal on a thread of its own. */
    private static void onSignal(PushyServer server, AtomicInteger heard, Object signal)
            throws ReflectiveOperationException {
        if (heard.incrementAndGet() == 1) {
            end(server);
            Runtime.getRuntime().halt(0);
        }
        int number = (int) signal.getClass().getMethod("getNumber").invoke(signal);
        Runtime.getRuntime().halt(EXIT_BY_SIGNAL + number);
    }

    private static void end(PushyServer server) {
        server.close();
        Logs.flush();
    }
}
