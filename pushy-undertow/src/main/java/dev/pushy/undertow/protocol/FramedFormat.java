package dev.pushy.undertow.protocol;

import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The texts of a protocol, each in a frame of a transport. */
public final class FramedFormat implements WireFormat {
    private final WireFormat texts;
    private final Framing framing;

    /** Wraps the texts of a protocol. Made once for each pair: formats are compared by identity. */
    public FramedFormat(WireFormat texts, Framing framing) {
        this.texts = Objects.requireNonNull(texts, "texts");
        this.framing = Objects.requireNonNull(framing, "framing");
    }

    @Override
    public byte @Nullable [] publication(Publication publication, @Nullable Cursor cursor, @Nullable Cursor since) {
        return framed(texts.publication(publication, cursor, since));
    }

    @Override
    public byte @Nullable [] join(Join join) {
        return framed(texts.join(join));
    }

    @Override
    public byte @Nullable [] leave(Leave leave) {
        return framed(texts.leave(leave));
    }

    @Override
    public byte @Nullable [] gap(Gap gap) {
        return framed(texts.gap(gap));
    }

    @Override
    public byte @Nullable [] checkpoint(Cursor cursor) {
        return framed(texts.checkpoint(cursor));
    }

    @Override
    public byte @Nullable [] heartbeat(@Nullable Cursor cursor) {
        return framed(texts.heartbeat(cursor));
    }

    private byte @Nullable [] framed(byte @Nullable [] text) {
        return text == null ? null : framing.frame(text);
    }
}
