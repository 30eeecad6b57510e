package dev.pushy.server;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/**
 * Sets up the log: lines on standard output, as text or JSON. The lines pass a bounded queue, so that a reader of our
 * output that stands still never holds up a thread that serves clients; while the queue is full, lines are lost.
 *
 * <p>A configuration of logback's own ({@code -Dlogback.configurationFile}) is left as it is.
 */
final class Logs {
    private static final int QUEUE = 8192;
    /** Line ends become spaces, so that no text from outside can pass for a line of ours. */
    private static final String TEXT =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{24} - %replace(%msg){'[\\r\\n]+', ' '}%n";

    private static volatile boolean configured;

    private Logs() {}

    static void configure(ServerConfig.Logging logging) {
        configured = true;
        if (System.getProperty("logback.configurationFile") != null) {
            return;
        }
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();

        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setEncoder(encoder(logging, context));
        console.start();

        AsyncAppender queue = new AsyncAppender();
        queue.setContext(context);
        queue.setQueueSize(QUEUE);
        queue.setNeverBlock(true);
        queue.addAppender(console);
        queue.start();

        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.valueOf(logging.level()));
        root.addAppender(queue);
        quiet(context, "io.undertow", root.getLevel());
        quiet(context, "org.xnio", root.getLevel());
        quiet(context, "org.jboss", root.getLevel());
        context.getLogger(AccessLog.LOGGER).setLevel(logging.access() ? Level.INFO : Level.OFF);
    }

    /** The libraries below us tell at INFO what matters to nobody who runs a server, and at DEBUG a line for each request. */
    private static void quiet(LoggerContext context, String logger, Level level) {
        context.getLogger(logger).setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
    }

    /** Writes out what is still queued; nothing is logged afterwards. */
    static void flush() {
        if (configured) {
            ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
        }
    }

    private static Encoder<ILoggingEvent> encoder(ServerConfig.Logging logging, LoggerContext context) {
        if (logging.json()) {
            JsonLineEncoder json = new JsonLineEncoder();
            json.setContext(context);
            json.start();
            return json;
        }
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern(TEXT);
        text.start();
        return text;
    }
}
