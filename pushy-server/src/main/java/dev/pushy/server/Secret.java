package dev.pushy.server;

import java.nio.charset.StandardCharsets;

/** A text that must not be printed: its {@code toString} hides it. */
record Secret(String reveal) {

    byte[] bytes() {
        return reveal.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "[secret]";
    }
}
