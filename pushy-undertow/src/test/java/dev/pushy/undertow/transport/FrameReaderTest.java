package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader against RFC 6455, section by section. */
class FrameReaderTest {
    private static final int LIMIT = 1000;
    private static final String MIXED = "Grüße, \u65e5\u672c \ud83d\ude80!";

    private static List<String> read(byte[]... pieces) {
        RecordingSink sink = new RecordingSink();
        FrameReader reader = new FrameReader(LIMIT, null);
        for (byte[] piece : pieces) {
            reader.read(direct(piece), sink);
        }
        return sink.found;
    }

    private static List<String> read(ClientFrame... frames) {
        return read(ClientFrame.join(frames));
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** What comes out must not depend on where the stream is cut. */
    private static void assertAtEverySplit(List<String> expected, byte[] stream) {
        for (int cut = 0; cut <= stream.length; cut++) {
            byte[] left = java.util.Arrays.copyOfRange(stream, 0, cut);
            byte[] right = java.util.Arrays.copyOfRange(stream, cut, stream.length);
            assertEquals(expected, read(left, right), "cut at " + cut);
        }
        RecordingSink sink = new RecordingSink();
        FrameReader reader = new FrameReader(LIMIT, null);
        for (byte octet : stream) {
            reader.read(direct(new byte[] {octet}), sink);
        }
        assertEquals(expected, sink.found, "byte by byte");
    }

    @Nested
    @DisplayName("5.2 base framing")
    class BaseFraming {
        @Test
        void read_rfcExample_givesText() {
            // The masked "Hello" of section 5.7.
            byte[] frame = {(byte) 0x81, (byte) 0x85, 0x37, (byte) 0xfa, 0x21, 0x3d, 0x7f, (byte) 0x9f, 0x4d, 0x51, 0x58
            };
            assertAtEverySplit(List.of("text Hello"), frame);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 7, 8, 9, 125, 126, 127, 128, 999, 1000})
        void read_everyLengthForm_givesText(int length) {
            String text = "x".repeat(length);
            assertEquals(List.of("text " + text), read(ClientFrame.text(text)));
            assertEquals(
                    List.of("text " + text),
                    read(ClientFrame.text(text).mask(0xFF00FF01).lengthBytes(8)));
        }

        @Test
        void read_lengthNotMinimal_isAccepted() {
            assertEquals(List.of("text ab"), read(ClientFrame.text("ab").lengthBytes(2)));
        }

        @Test
        void read_topBitOfLength_isProtocolError() {
            assertEquals(
                    List.of("fault 1002"),
                    read(ClientFrame.of(ServerFrame.BINARY).announcing(Long.MIN_VALUE + 5)));
        }

        @ParameterizedTest
        @ValueSource(ints = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
        void read_reservedOpcode_isProtocolError(int opcode) {
            assertEquals(List.of("fault 1002"), read(ClientFrame.of(opcode)));
            assertEquals(
                    List.of("text a", "fault 1002"),
                    read(ClientFrame.text("a"), ClientFrame.of(opcode), ClientFrame.text("b")));
        }

        @ParameterizedTest
        @CsvSource({"0x40, 1", "0x20, 1", "0x10, 1", "0x40, 2", "0x70, 1", "0x40, 8", "0x40, 9", "0x20, 10"})
        void read_reservedBit_isProtocolError(String bits, int opcode) {
            assertEquals(
                    List.of("fault 1002"),
                    read(ClientFrame.of(opcode).reserved(Integer.decode(bits)).payload("ok")));
        }

        @Test
        void read_reservedBitOnContinuation_isProtocolError() {
            assertEquals(
                    List.of("fault 1002"),
                    read(
                            ClientFrame.text("a").notFinal(),
                            ClientFrame.of(0).reserved(0x40).payload("b")));
        }

        @Test
        void read_manyMessagesInOneBuffer_keepsOrder() {
            assertAtEverySplit(
                    List.of("text one", "binary 0102", "ping ", "text two", "pong 7a", "text "),
                    ClientFrame.join(
                            ClientFrame.text("one"),
                            ClientFrame.of(ServerFrame.BINARY).payload((byte) 1, (byte) 2),
                            ClientFrame.of(ServerFrame.PING),
                            ClientFrame.text("two"),
                            ClientFrame.of(ServerFrame.PONG).payload("z"),
                            ClientFrame.text("")));
        }
    }

    @Nested
    @DisplayName("5.1, 5.3 masking")
    class Masking {
        @Test
        void read_unmasked_isProtocolError() {
            assertEquals(List.of("fault 1002"), read(ClientFrame.text("Hello").unmasked()));
            assertEquals(
                    List.of("fault 1002"), read(ClientFrame.of(ServerFrame.PING).unmasked()));
        }

        @Test
        void read_anyMaskAndAlignment_unmasks() {
            Random random = new Random(6455);
            for (int round = 0; round < 2000; round++) {
                byte[] payload = new byte[random.nextInt(60)];
                random.nextBytes(payload);
                byte[] frame = ClientFrame.of(ServerFrame.BINARY)
                        .mask(random.nextInt())
                        .payload(payload)
                        .bytes();
                int cut = random.nextInt(frame.length + 1);
                assertEquals(
                        List.of("binary " + java.util.HexFormat.of().formatHex(payload)),
                        read(
                                java.util.Arrays.copyOfRange(frame, 0, cut),
                                java.util.Arrays.copyOfRange(frame, cut, frame.length)));
            }
        }
    }

    @Nested
    @DisplayName("5.4 fragmentation")
    class Fragmentation {
        @Test
        void read_fragments_joinsThem() {
            assertAtEverySplit(
                    List.of("text abc", "binary 6465"),
                    ClientFrame.join(
                            ClientFrame.text("a").notFinal(),
                            ClientFrame.of(0).notFinal().payload("b"),
                            ClientFrame.of(0).payload("c"),
                            ClientFrame.of(ServerFrame.BINARY).notFinal().payload("d"),
                            ClientFrame.of(0).payload("e")));
        }

        @Test
        void read_controlFramesBetweenFragments_comeAtOnce() {
            assertAtEverySplit(
                    List.of("ping 70", "pong ", "text ab"),
                    ClientFrame.join(
                            ClientFrame.text("a").notFinal(),
                            ClientFrame.of(ServerFrame.PING).payload("p"),
                            ClientFrame.of(0).notFinal(),
                            ClientFrame.of(ServerFrame.PONG),
                            ClientFrame.of(0).payload("b")));
        }

        @Test
        void read_emptyFragments_areAllowed() {
            assertEquals(
                    List.of("text "),
                    read(ClientFrame.text("").notFinal(), ClientFrame.of(0).notFinal(), ClientFrame.of(0)));
        }

        @Test
        void read_continuationOfNothing_isProtocolError() {
            assertEquals(List.of("fault 1002"), read(ClientFrame.of(0).payload("x")));
            assertEquals(List.of("fault 1002"), read(ClientFrame.of(0).notFinal()));
            assertEquals(
                    List.of("text ab", "fault 1002"),
                    read(
                            ClientFrame.text("a").notFinal(),
                            ClientFrame.of(0).payload("b"),
                            ClientFrame.of(0).payload("c")));
        }

        @Test
        void read_messageInsideMessage_isProtocolError() {
            assertEquals(List.of("fault 1002"), read(ClientFrame.text("a").notFinal(), ClientFrame.text("b")));
            assertEquals(
                    List.of("fault 1002"), read(ClientFrame.text("a").notFinal(), ClientFrame.of(ServerFrame.BINARY)));
        }
    }

    @Nested
    @DisplayName("5.5 control frames")
    class ControlFrames {
        @Test
        void read_pingWith125Bytes_isWhole() {
            byte[] payload = new byte[125];
            payload[124] = 7;
            assertAtEverySplit(
                    List.of("ping " + "00".repeat(124) + "07"),
                    ClientFrame.of(ServerFrame.PING).payload(payload).bytes());
        }

        @ParameterizedTest
        @ValueSource(ints = {ServerFrame.CLOSE, ServerFrame.PING, ServerFrame.PONG})
        void read_controlTooLong_isProtocolError(int opcode) {
            assertEquals(List.of("fault 1002"), read(ClientFrame.of(opcode).payload(new byte[126])));
            assertEquals(
                    List.of("fault 1002"),
                    read(ClientFrame.of(opcode).lengthBytes(2).payload(new byte[3])));
        }

        @ParameterizedTest
        @ValueSource(ints = {ServerFrame.CLOSE, ServerFrame.PING, ServerFrame.PONG})
        void read_controlFragmented_isProtocolError(int opcode) {
            assertEquals(
                    List.of("fault 1002"),
                    read(ClientFrame.of(opcode).notFinal().payload("ab")));
        }

        @Test
        void read_afterClose_isSwallowed() {
            RecordingSink sink = new RecordingSink();
            FrameReader reader = new FrameReader(LIMIT, null);
            ByteBuffer in = direct(
                    ClientFrame.join(ClientFrame.close(1000, "bye"), ClientFrame.text("late"), ClientFrame.of(15)));
            reader.read(in, sink);
            reader.read(direct(ClientFrame.text("later").bytes()), sink);
            assertEquals(List.of("close 1000 bye"), sink.found);
            assertFalse(in.hasRemaining());
            assertTrue(reader.ended());
        }
    }

    @Nested
    @DisplayName("7.4 close codes, 7.1.6 reasons")
    class Closing {
        @ParameterizedTest
        @ValueSource(
                ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
        void read_goodCode_isClose(int code) {
            assertAtEverySplit(
                    List.of("close " + code + " ü"),
                    ClientFrame.close(code, "ü").bytes());
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
        void read_badCode_isProtocolError(int code) {
            assertEquals(List.of("fault 1002"), read(ClientFrame.close(code, "")));
            assertEquals(List.of("fault 1002"), read(ClientFrame.close(code, "why")));
        }

        @Test
        void read_everyCode_isClosedOrRefused() {
            for (int code = 0; code <= 0xFFFF; code++) {
                String expected = CloseCode.mayBeSent(code) ? "close " + code + " " : "fault 1002";
                assertEquals(List.of(expected), read(ClientFrame.close(code, "")));
            }
        }

        @Test
        void read_noBody_isNoStatus() {
            assertEquals(List.of("close 1005 "), read(ClientFrame.of(ServerFrame.CLOSE)));
        }

        @Test
        void read_halfACode_isProtocolError() {
            assertEquals(
                    List.of("fault 1002"),
                    read(ClientFrame.of(ServerFrame.CLOSE).payload((byte) 3)));
        }

        @Test
        void read_reasonNotUtf8_isInvalidPayload() {
            assertEquals(
                    List.of("fault 1007"),
                    read(ClientFrame.of(ServerFrame.CLOSE).payload((byte) 3, (byte) 0xE8, (byte) 0xCE)));
            assertEquals(
                    List.of("fault 1007"),
                    read(ClientFrame.of(ServerFrame.CLOSE).payload((byte) 3, (byte) 0xE8, (byte) 'a', (byte) 0xFF)));
        }

        @Test
        void read_longestReason_isWhole() {
            String reason = "r".repeat(123);
            assertEquals(List.of("close 1000 " + reason), read(ClientFrame.close(1000, reason)));
        }
    }

    @Nested
    @DisplayName("8.1 UTF-8")
    class Utf8 {
        @Test
        void read_textCutInsideCharacters_isJoined() {
            assertAtEverySplit(List.of("text " + MIXED), ClientFrame.text(MIXED).bytes());
            byte[] bytes = MIXED.getBytes(StandardCharsets.UTF_8);
            for (int cut = 0; cut <= bytes.length; cut++) {
                assertEquals(
                        List.of("text " + MIXED),
                        read(
                                        ClientFrame.of(1)
                                                .notFinal()
                                                .payload(java.util.Arrays.copyOfRange(bytes, 0, cut)),
                                        ClientFrame.of(9),
                                        ClientFrame.of(0)
                                                .payload(java.util.Arrays.copyOfRange(bytes, cut, bytes.length)))
                                .stream()
                                .filter(line -> !line.startsWith("ping"))
                                .toList());
            }
        }

        @Test
        void read_badByte_failsBeforeTheFrameEnds() {
            // Only the header and the first bytes of a longer frame arrive: 0xF4 0x90 can begin no character.
            byte[] frame = ClientFrame.text("")
                    .mask(0)
                    .announcing(20)
                    .payload((byte) 'a', (byte) 0xF4, (byte) 0x90)
                    .bytes();
            assertEquals(List.of("fault 1007"), read(frame));
        }

        @Test
        void read_characterUnfinishedAtTheEnd_isInvalidPayload() {
            assertEquals(List.of("fault 1007"), read(ClientFrame.of(1).payload((byte) 0xE2, (byte) 0x82)));
            assertEquals(
                    List.of("fault 1007"),
                    read(
                            ClientFrame.of(1).notFinal().payload((byte) 0xE2, (byte) 0x82),
                            ClientFrame.of(0).payload("")));
        }

        @Test
        void read_badUtf8InBinary_isNobodysBusiness() {
            assertEquals(
                    List.of("binary fffe"),
                    read(ClientFrame.of(ServerFrame.BINARY).payload((byte) 0xFF, (byte) 0xFE)));
        }
    }

    @Nested
    @DisplayName("10.4 limits")
    class Limits {
        @Test
        void read_announcedTooLong_isRefusedAtTheHeader() {
            assertEquals(List.of("fault 1009"), read(ClientFrame.of(1).announcing(LIMIT + 1)));
            assertEquals(List.of("fault 1009"), read(ClientFrame.of(1).announcing(Long.MAX_VALUE)));
        }

        @Test
        void read_fragmentsTogetherTooLong_isRefused() {
            assertEquals(
                    List.of("fault 1009"),
                    read(
                            ClientFrame.of(2).notFinal().payload(new byte[LIMIT]),
                            ClientFrame.of(0).announcing(1)));
        }

        @Test
        void read_controlFrameAtTheLimit_isStillTaken() {
            assertEquals(
                    List.of("ping 61", "binary " + "00".repeat(LIMIT)),
                    read(
                            ClientFrame.of(2).notFinal().payload(new byte[LIMIT]),
                            ClientFrame.of(9).payload("a"),
                            ClientFrame.of(0)));
        }

        @Test
        void read_sinkWantsNoMore_leavesTheRest() {
            RecordingSink sink = new RecordingSink();
            sink.pauseAfterText = true;
            FrameReader reader = new FrameReader(LIMIT, null);
            ByteBuffer in = direct(ClientFrame.join(ClientFrame.text("a"), ClientFrame.text("b")));
            reader.read(in, sink);
            assertEquals(List.of("text a"), sink.found);
            assertEquals(ClientFrame.text("b").bytes().length, in.remaining());
            sink.wantsMore = true;
            reader.read(in, sink);
            assertEquals(List.of("text a", "text b"), sink.found);
        }
    }

    @Test
    void inMessage_betweenMessages_isFalse() {
        FrameReader reader = new FrameReader(LIMIT, null);
        RecordingSink sink = new RecordingSink();
        assertFalse(reader.inMessage());
        reader.read(direct(ClientFrame.text("a").notFinal().bytes()), sink);
        assertTrue(reader.inMessage());
        reader.read(direct(ClientFrame.of(0).bytes()), sink);
        assertFalse(reader.inMessage());
        reader.read(direct(new byte[] {(byte) 0x81}), sink);
        assertTrue(reader.inMessage());
    }

    @Test
    void read_randomBytes_neverThrows() {
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            byte[] rubbish = new byte[random.nextInt(200)];
            random.nextBytes(rubbish);
            if (rubbish.length > 1 && random.nextBoolean()) {
                rubbish[0] = (byte) (0x80 | random.nextInt(3));
                rubbish[1] |= (byte) 0x80;
            }
            RecordingSink sink = new RecordingSink();
            new FrameReader(LIMIT, null).read(direct(rubbish), sink);
            long faults =
                    sink.found.stream().filter(line -> line.startsWith("fault")).count();
            assertTrue(faults <= 1);
        }
    }
}
