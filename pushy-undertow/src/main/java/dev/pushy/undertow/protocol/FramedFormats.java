package dev.pushy.undertow.protocol;

import dev.pushy.core.WireFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The frames of a transport around the texts of a protocol: one format for each kind of text, as formats are compared by
 * identity. As many as the protocol has kinds of texts, which are few. Thread-safe.
 */
public final class FramedFormats {
    private final Framing framing;
    private final Map<TextFormat, WireFormat> formats = new ConcurrentHashMap<>();

    /** Frames of this kind. */
    public FramedFormats(Framing framing) {
        this.framing = Objects.requireNonNull(framing, "framing");
    }

    /** The format of these texts; always the same object. */
    public WireFormat of(TextFormat texts) {
        return formats.computeIfAbsent(texts, kind -> new FramedFormat(kind, framing));
    }
}
