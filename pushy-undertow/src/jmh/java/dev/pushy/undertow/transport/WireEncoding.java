package dev.pushy.undertow.transport;

import dev.pushy.core.Channel;
import dev.pushy.core.Cursor;
import dev.pushy.core.Position;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.FramedFormat;
import dev.pushy.undertow.protocol.NativeFormats;
import dev.pushy.undertow.protocol.NativeTexts;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One publication to the bytes that all subscribers of a kind share: once for each publication, however many they are. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WireEncoding {
    private static final Position POSITION = new Position(0, 0x5eed, 123_456, 0x7a6);

    @Param({"128", "1024"})
    private int bytes;

    private final WireFormat webSocket = new FramedFormat(NativeTexts.json(), ServerFrame::text);
    private Publication message;

    @Setup
    public void publish() {
        message = Publication.of(Channel.of("news.sports"), "\"" + "x".repeat(bytes - 2) + "\"")
                .accepted(POSITION, 1, 1_767_225_600_123L);
    }

    /** A new cursor for each, as it has a text of its own to make. */
    private Cursor cursor() {
        return Cursor.parse(message.id(), 1).orElseThrow();
    }

    @Benchmark
    public Cursor cursorAlone() {
        return cursor();
    }

    @Benchmark
    public byte[] sse() {
        return NativeFormats.SSE.publication(message, cursor(), null);
    }

    @Benchmark
    public byte[] webSocket() {
        return webSocket.publication(message, cursor(), null);
    }
}
