package dev.pushy.undertow.transport;

/** Text frames compressed by permessage-deflate, one for all clients that agreed on it. */
final class DeflatedFrame {
    private static final ThreadLocal<MessageDeflater> DEFLATERS = ThreadLocal.withInitial(MessageDeflater::new);

    private DeflatedFrame() {}

    /** Returns a frame; one that would not be smaller is not compressed. */
    static byte[] text(byte[] utf8) {
        byte[] deflated = DEFLATERS.get().deflate(utf8);
        return deflated.length < utf8.length ? ServerFrame.compressedText(deflated) : ServerFrame.text(utf8);
    }
}
