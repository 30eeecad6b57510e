package dev.pushy.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Something that is read from files, and read again when they change. What they hold now and cannot be used is logged,
 * once for each fault, and what was read before stays in force; it is tried again at each look, since a pair of files may
 * have been seen half written. What is half written may also look whole, such as a list that ends early: a change counts
 * when a second look finds the files as the one before did.
 *
 * <p>The files are looked at by time, size and identity, again and again. The JDK's watch service would tell sooner, but not
 * of everything: files that containers mount are links that get exchanged further up, and network file systems tell
 * nothing.
 *
 * <p>Thread-safe as far as its questions go; one thread at a time may call {@link #look}.
 */
final class LiveFiles<T> {
    private static final System.Logger LOG = System.getLogger(LiveFiles.class.getName());

    private final String what;
    private final List<Path> files;
    private final Supplier<T> reader;
    private List<Object> taken;
    private List<Object> seen;
    private String lastFault = "";
    private volatile T current;
    private volatile boolean outdated;

    private LiveFiles(String what, List<Path> files, Supplier<T> reader, List<Object> taken, T current) {
        this.what = what;
        this.files = files;
        this.reader = reader;
        this.taken = taken;
        this.seen = taken;
        this.current = current;
    }

    /**
     * Reads the files for the first time.
     *
     * @param what they are, as the beginning of a sentence: {@code The certificate}
     * @param reader reads them; throws {@link ConfigException} with what is wrong
     * @throws ConfigException that of the reader
     */
    static <T> LiveFiles<T> read(String what, List<Path> files, Supplier<T> reader) {
        // Before the first read: what changes during it is seen as a change.
        List<Object> before = stamps(files);
        return new LiveFiles<>(what, files, reader, before, reader.get());
    }

    /** What is in force. */
    T current() {
        return current;
    }

    /**
     * Reads the files again if they are others than those that are in force, and are not being written just now.
     *
     * @param taker puts what was read in force
     */
    void look(Consumer<T> taker) {
        List<Object> now = stamps(files);
        boolean still = now.equals(seen);
        seen = now;
        if (now.equals(taken)) {
            if (outdated) {
                outdated = false;
                LOG.log(Level.INFO, "{0}: the files are again as they were read", what);
            }
            return;
        }
        if (!still) {
            return;
        }
        try {
            T read = reader.get();
            taker.accept(read);
            current = read;
            taken = now;
            lastFault = "";
            outdated = false;
            LOG.log(Level.INFO, "{0}: read again, in force from now on", what);
        } catch (ConfigException e) {
            outdated = true;
            if (!lastFault.equals(e.getMessage())) {
                lastFault = String.valueOf(e.getMessage());
                LOG.log(
                        Level.WARNING,
                        "{0}: what the files hold now will not do, what was read before stays in force:\n{1}",
                        what,
                        lastFault);
            }
        }
    }

    /** Whether the files hold something else than what is in force. */
    boolean isOutdated() {
        return outdated;
    }

    private static List<Object> stamps(List<Path> files) {
        List<Object> stamps = new ArrayList<>();
        for (Path file : files) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.add(attributes.lastModifiedTime());
                stamps.add(attributes.size());
                stamps.add(String.valueOf(attributes.fileKey()));
            } catch (IOException e) {
                stamps.add("not there");
            }
        }
        return stamps;
    }
}
