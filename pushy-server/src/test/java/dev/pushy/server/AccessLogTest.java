package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AccessLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.LOGGER);
    private final BlockingQueue<ILoggingEvent> events = new LinkedBlockingQueue<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            events.add(event);
        }
    };

    @BeforeEach
    void listen() {
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
    }

    @Test
    void request_answered_isOneLineWithoutSecrets() throws Exception {
        try (Loopback server = new Loopback(new AccessLog(exchange -> {
            exchange.setStatusCode(202);
            exchange.getResponseSender().send("four");
        }))) {
            server.send(
                    "POST",
                    "/publish/a%0Ab?token=the-token",
                    "Authorization",
                    "Bearer the-bearer",
                    "X-Client-Secret",
                    "the-secret",
                    "Cookie",
                    "pushy_token=the-cookie");
        }

        ILoggingEvent event = events.poll(10, TimeUnit.SECONDS);
        String line = new String(new JsonLineEncoder().encode(event), StandardCharsets.UTF_8);
        assertTrue(
                event.getFormattedMessage().matches("POST /publish/a%0Ab 202 4 bytes \\d+ ms"),
                event.getFormattedMessage());
        assertTrue(
                line.contains("\"method\":\"POST\",\"path\":\"/publish/a%0Ab\",\"status\":202,\"bytes\":4,\"ms\":"),
                line);
        assertFalse(line.contains("the-"), line);
        assertTrue(events.isEmpty());
    }

    @Test
    void longPath_isCut() throws Exception {
        try (Loopback server = new Loopback(new AccessLog(exchange -> exchange.setStatusCode(404)))) {
            server.send("GET", "/" + "x".repeat(2000));
        }

        assertEquals(
                "GET /" + "x".repeat(511) + "... 404 0 bytes",
                events.poll(10, TimeUnit.SECONDS).getFormattedMessage().replaceAll(" \\d+ ms$", ""));
    }

    @Test
    void switchedOff_logsNothing() throws Exception {
        logger.setLevel(Level.OFF);
        try (Loopback server = new Loopback(new AccessLog(exchange -> exchange.setStatusCode(204)))) {
            assertEquals(204, server.send("GET", "/").statusCode());
        }

        assertTrue(events.isEmpty());
    }
}
