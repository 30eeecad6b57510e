package dev.pushy.undertow.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8CheckTest {

    @Test
    void advance_everyCodePoint_isValid() {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (point == Character.MIN_SURROGATE) {
                point = Character.MAX_SURROGATE + 1;
            }
            byte[] bytes = Character.toString(point).getBytes(StandardCharsets.UTF_8);
            assertEquals(Utf8Check.START, Utf8Check.advance(Utf8Check.START, bytes, 0, bytes.length));
            if (bytes.length > 1) {
                int inside = Utf8Check.advance(Utf8Check.START, bytes, 0, bytes.length - 1);
                assertNotEquals(Utf8Check.START, inside);
                assertNotEquals(Utf8Check.INVALID, inside);
            }
        }
    }

    @Test
    void advance_randomBytes_agreesWithTheJdk() {
        Random random = new Random(3629);
        int[] starts = {'a', 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x9F, 0xA0};
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[1 + random.nextInt(20)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] =
                        (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : starts[random.nextInt(starts.length)]);
            }
            int cut = random.nextInt(bytes.length);
            int state = Utf8Check.advance(Utf8Check.START, bytes, 0, cut);
            if (state != Utf8Check.INVALID) {
                state = Utf8Check.advance(state, bytes, cut, bytes.length);
            }
            assertEquals(validForTheJdk(bytes), state == Utf8Check.START, () -> java.util.Arrays.toString(bytes));
        }
    }

    private static boolean validForTheJdk(byte[] bytes) {
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
