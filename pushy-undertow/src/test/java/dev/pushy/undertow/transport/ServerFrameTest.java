package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ServerFrameTest {
    private static String hex(byte[] bytes, int count) {
        return HexFormat.of().formatHex(Arrays.copyOf(bytes, count));
    }

    @Test
    void text_rfcExample_isUnmaskedFrame() {
        assertEquals("810548656c6c6f", hex(ServerFrame.text("Hello"), 7));
    }

    @Test
    void frame_everyLengthForm_isMinimal() {
        assertEquals("8100", hex(ServerFrame.text(""), 2));
        assertEquals("827d", hex(ServerFrame.binary(new byte[125]), 2));
        assertEquals("827e007e", hex(ServerFrame.binary(new byte[126]), 4));
        assertEquals("827effff", hex(ServerFrame.binary(new byte[65_535]), 4));
        assertEquals("827f0000000000010000", hex(ServerFrame.binary(new byte[65_536]), 10));
        assertEquals(65_546, ServerFrame.binary(new byte[65_536]).length);
    }

    @Test
    void control_overLimit_isRefused() {
        assertEquals(127, ServerFrame.ping(new byte[125]).length);
        assertThrows(IllegalArgumentException.class, () -> ServerFrame.ping(new byte[126]));
        assertEquals("8a0178", hex(ServerFrame.pong("x".getBytes(StandardCharsets.UTF_8)), 3));
    }

    @Test
    void close_longReason_isCutAtACharacter() {
        byte[] frame = ServerFrame.close(1008, "x" + "\u65e5".repeat(60));
        assertEquals("887b", hex(frame, 2), "2 bytes of code and 121 of text: the 41st character would not fit whole");
        assertEquals("x" + "\u65e5".repeat(40), new String(frame, 4, frame.length - 4, StandardCharsets.UTF_8));
    }

    @Test
    void close_noStatus_hasNoBody() {
        assertArrayEquals(new byte[] {(byte) 0x88, 0}, ServerFrame.close(CloseCode.NO_STATUS, "ignored"));
    }
}
