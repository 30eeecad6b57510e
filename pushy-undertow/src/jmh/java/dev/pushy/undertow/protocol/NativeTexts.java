package dev.pushy.undertow.protocol;

/** Shows the texts of the native WebSocket protocol to benchmarks in other packages. */
public final class NativeTexts {
    private NativeTexts() {}

    /** The texts, without frames. */
    public static TextFormat json() {
        return new JsonFormat();
    }
}
