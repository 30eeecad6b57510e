package dev.pushy.redis;

import java.util.Arrays;

/** The bytes of a topic's name, to look it up by. */
final class TopicName {
    private final byte[] bytes;
    private final int hash;

    TopicName(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicName that && hash == that.hash && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
