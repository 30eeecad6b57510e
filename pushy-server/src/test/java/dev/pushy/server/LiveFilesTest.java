package dev.pushy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveFilesTest {
    private final RecordedLog log = new RecordedLog(LiveFiles.class);

    @TempDir
    Path folder;

    private final List<String> taken = new ArrayList<>();
    private Path first;
    private Path second;
    private int reads;

    @BeforeEach
    void write() throws IOException {
        first = Files.writeString(folder.resolve("first"), "1");
        second = Files.writeString(folder.resolve("second"), "1");
    }

    @AfterEach
    void end() {
        log.close();
    }

    @Test
    void look_nothingChanged_readsNothing() {
        LiveFiles<String> files = files();

        look(files);
        assertEquals(1, reads);
        assertEquals("1", files.current());
        assertEquals(List.of(), taken);
    }

    @Test
    void look_sameSizeAndOtherTime_readsAgain() throws IOException {
        LiveFiles<String> files = files();
        Files.writeString(first, "2");
        Files.writeString(second, "2");
        Files.setLastModifiedTime(first, FileTime.fromMillis(1_000));

        look(files);
        assertEquals("2", files.current());
        assertEquals(List.of("2"), taken);
        assertEquals(List.of("The pair: read again, in force from now on"), log.messages(Level.INFO));
    }

    @Test
    void look_exchangedForFilesOfTheSameTimeAndSize_readsAgain() throws IOException {
        LiveFiles<String> files = files();
        for (Path file : List.of(first, second)) {
            Path other = Files.writeString(folder.resolve("other"), "2");
            Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        }

        look(files);
        assertEquals("2", files.current());
        assertEquals(List.of("2"), taken);
    }

    @Test
    void look_halfWrittenPair_keepsTheOldOneLogsOnceAndTriesAgain() throws IOException {
        LiveFiles<String> files = files();
        Files.writeString(first, "22");

        look(files);
        look(files);
        assertEquals("1", files.current());
        assertEquals(List.of(), taken);
        assertTrue(files.isOutdated());
        assertEquals(1, log.messages(Level.WARN).size());
        assertTrue(log.messages(Level.WARN).get(0).contains("they differ"));

        Files.writeString(second, "22");
        look(files);
        assertEquals("22", files.current());
        assertFalse(files.isOutdated());
    }

    @Test
    void look_fileGone_keepsTheOldOnes() throws IOException {
        LiveFiles<String> files = files();
        Files.delete(first);

        look(files);
        assertEquals("1", files.current());
        assertEquals(List.of(), taken);
        assertTrue(files.isOutdated());
    }

    @Test
    void look_changeTakenBack_isNoLongerOutdated() throws IOException {
        LiveFiles<String> files = files();
        Path kept = folder.resolve("kept");
        Files.move(first, kept);
        look(files);
        Files.move(kept, first);

        look(files);
        assertFalse(files.isOutdated());
        assertEquals(2, reads);
    }

    @Test
    void read_firstFault_isThrown() throws IOException {
        Files.writeString(first, "2");

        assertThrows(ConfigException.class, this::files);
    }

    @Test
    void look_beingWritten_waitsUntilTheFilesStandStill() throws IOException {
        LiveFiles<String> files = files();
        for (String half : List.of("", "2", "22")) {
            Files.writeString(first, half);
            Files.writeString(second, half);
            files.look(taken::add);
            assertEquals(1, reads, "they may be half written");
        }

        files.look(taken::add);
        assertEquals(List.of("22"), taken);
    }

    /** Long enough for a change to be taken for one. */
    private void look(LiveFiles<String> files) {
        files.look(taken::add);
        files.look(taken::add);
    }

    private LiveFiles<String> files() {
        return LiveFiles.read("The pair", List.of(first, second), this::readPair);
    }

    private String readPair() {
        reads++;
        try {
            String text = Files.exists(first) ? Files.readString(first) : "";
            if (!text.equals(Files.readString(second))) {
                throw new ConfigException(List.of(new Fault(null, "pair", "they differ")));
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
