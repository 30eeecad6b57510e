package dev.pushy.undertow.protocol;

import dev.pushy.core.WireFormat;

/** Shows the texts of the native WebSocket protocol to benchmarks in other packages. */
public final class NativeTexts {
    private NativeTexts() {}

    /** The texts, without frames. */
    public static WireFormat json() {
        return new JsonFormat();
    }
}
