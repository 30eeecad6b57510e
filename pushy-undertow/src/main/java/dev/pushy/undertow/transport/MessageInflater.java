package dev.pushy.undertow.transport;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Undoes permessage-deflate without context takeover (RFC 7692): each message stands alone, so one inflater serves all
 * connections of a thread. Confined to that thread.
 */
final class MessageInflater implements AutoCloseable {

    /** The message is longer than the limit once inflated; it was not inflated beyond it. */
    static final class TooBigException extends Exception {
        private static final long serialVersionUID = 1;

        TooBigException(int limit) {
            super("inflated message is longer than " + limit + " bytes");
        }
    }

    /** The message is not DEFLATE. */
    static final class CorruptException extends Exception {
        private static final long serialVersionUID = 1;

        CorruptException(Throwable cause) {
            super("compressed message cannot be inflated", cause);
        }
    }

    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};
    private static final int FIRST_CAPACITY = 512;

    private final Inflater inflater = new Inflater(true);
    private byte[] out = new byte[FIRST_CAPACITY];
    private int outLength;

    /** Returns the message which {@code deflated[0..length)} stands for. */
    byte[] inflate(byte[] deflated, int length, int limit) throws TooBigException, CorruptException {
        outLength = 0;
        try {
            drain(deflated, length, limit);
            drain(TAIL, TAIL.length, limit);
            return Arrays.copyOf(out, outLength);
        } catch (DataFormatException e) {
            throw new CorruptException(e);
        } finally {
            inflater.reset();
            if (out.length > 64 * 1024) {
                out = new byte[FIRST_CAPACITY];
            }
        }
    }

    private void drain(byte[] in, int length, int limit) throws DataFormatException, TooBigException {
        inflater.setInput(in, 0, length);
        while (true) {
            if (outLength == out.length) {
                out = Arrays.copyOf(out, (int) Math.min(limit + 1L, out.length * 2L));
            }
            int made = inflater.inflate(out, outLength, out.length - outLength);
            outLength += made;
            if (outLength > limit) {
                throw new TooBigException(limit);
            }
            if (inflater.finished() && inflater.getRemaining() > 0) {
                // A sender may mark a block as final; what follows begins a stream of its own.
                int rest = inflater.getRemaining();
                inflater.reset();
                inflater.setInput(in, length - rest, rest);
            } else if (inflater.finished() || inflater.needsDictionary() || (made == 0 && inflater.needsInput())) {
                if (inflater.finished()) {
                    inflater.reset();
                }
                return;
            }
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
