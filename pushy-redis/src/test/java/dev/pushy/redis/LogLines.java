package dev.pushy.redis;

import dev.pushy.core.contract.Await;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the package logs from now on. */
final class LogLines extends Handler {
    private final Logger logger = Logger.getLogger("dev.pushy.redis");
    private final SimpleFormatter formatter = new SimpleFormatter();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<String> warnings = new CopyOnWriteArrayList<>();

    LogLines() {
        logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
        String line = formatter.formatMessage(record);
        Throwable thrown = record.getThrown();
        lines.add(thrown == null ? line : line + " " + thrown);
        if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
            warnings.add(line);
        }
    }

    List<String> all() {
        return List.copyOf(lines);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Waits for a warning with all these words in it. */
    void awaitWarning(String... words) {
        Await.until(
                () -> warnings.stream().anyMatch(line -> List.of(words).stream().allMatch(line::contains)),
                () -> "no warning has " + List.of(words) + ", there are " + lines);
    }

    void awaitLine(String word) {
        Await.until(
                () -> lines.stream().anyMatch(line -> line.contains(word)), () -> "no line has " + word + ": " + lines);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
