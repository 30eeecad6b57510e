package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** Compression against RFC 7692, without context takeover. */
class PerMessageDeflateTest {
    private static final int RSV1 = 0x40;

    private final MessageInflater inflater = new MessageInflater();
    private final MessageDeflater deflater = new MessageDeflater();

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private List<String> read(int limit, ClientFrame... frames) {
        RecordingSink sink = new RecordingSink();
        byte[] bytes = ClientFrame.join(frames);
        new FrameReader(limit, inflater).read(ByteBuffer.wrap(bytes), sink);
        return sink.found;
    }

    private static ClientFrame compressed(byte[] payload) {
        return ClientFrame.of(ServerFrame.TEXT).reserved(RSV1).payload(payload);
    }

    @Test
    void read_rfcExamples_giveHello() {
        assertEquals(List.of("text Hello"), read(100, compressed(hex("f248cdc9c90700"))), "7.2.3.1 one block");
        assertEquals(
                List.of("text Hello"),
                read(
                        100,
                        compressed(hex("f248cd")).notFinal(),
                        ClientFrame.of(0).payload(hex("c9c90700"))),
                "7.2.3.1 two fragments");
        assertEquals(
                List.of("text Hello"), read(100, compressed(hex("000500faff48656c6c6f00"))), "7.2.3.3 no compression");
        assertEquals(List.of("text Hello"), read(100, compressed(hex("f348cdc9c9070000"))), "7.2.3.4 BFINAL");
        assertEquals(
                List.of("text Hello"),
                read(100, compressed(hex("f248050000 00ffffcac9c90700".replace(" ", "")))),
                "7.2.3.5");
        assertEquals(List.of("text "), read(100, compressed(hex("00"))), "7.2.3.6 empty");
    }

    @Test
    void read_plainMessageAmongCompressed_isTakenAsItIs() {
        assertEquals(
                List.of("text Hello", "text plain", "text Hello"),
                read(
                        100,
                        compressed(hex("f248cdc9c90700")),
                        ClientFrame.text("plain"),
                        compressed(hex("f248cdc9c90700"))));
    }

    @Test
    void read_bomb_isRefusedAtTheLimit() {
        byte[] bomb = deflater.deflate(new byte[50_000_000]);
        assertEquals(List.of("fault 1009"), read(1_000_000, compressed(bomb)));
        assertEquals(
                List.of("text " + "a".repeat(1000)),
                read(1000, compressed(deflater.deflate("a".repeat(1000).getBytes(StandardCharsets.US_ASCII)))));
        assertEquals(
                List.of("fault 1009"),
                read(999, compressed(deflater.deflate("a".repeat(1000).getBytes(StandardCharsets.US_ASCII)))));
    }

    @Test
    void read_rubbish_isInvalidPayload() {
        assertEquals(List.of("fault 1007"), read(100, compressed(hex("ffffffff"))));
        assertEquals(List.of("fault 1007"), read(100, compressed(deflater.deflate(hex("fffe")))), "not UTF-8");
        assertEquals(List.of("text Hello"), read(100, compressed(hex("f248cdc9c90700"))), "the next reader is well");
    }

    @Test
    void deflate_anyMessage_comesBack() throws Exception {
        Random random = new Random(7692);
        for (int length : new int[] {0, 1, 2, 63, 64, 65, 128, 1000, 10_000, 100_000}) {
            byte[] noise = new byte[length];
            random.nextBytes(noise);
            byte[] text = new byte[length];
            for (int i = 0; i < length; i++) {
                text[i] = (byte) ('a' + random.nextInt(4));
            }
            for (byte[] message : List.of(noise, text)) {
                byte[] small = deflater.deflate(message);
                assertArrayEquals(message, inflater.inflate(small, small.length, length));
            }
        }
    }

    @Test
    void inflate_contextKept_isCorrupt() {
        // A sender that breaks the agreement refers back to its previous message.
        Deflater withContext = new Deflater(9, true);
        byte[] text = "a sentence that is repeated in the next message, word for word".getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int message = 0; message < 2; message++) {
            out.reset();
            withContext.setInput(text);
            byte[] piece = new byte[200];
            out.write(piece, 0, withContext.deflate(piece, 0, piece.length, Deflater.SYNC_FLUSH));
        }
        byte[] second = out.toByteArray();
        assertThrows(MessageInflater.CorruptException.class, () -> inflater.inflate(second, second.length - 4, 1000));
        withContext.end();
    }
}
