package dev.pushy.undertow.protocol;

import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The texts of a protocol, each in a frame of a transport. */
public final class FramedFormat implements WireFormat {
    private final TextFormat texts;
    private final Framing framing;

    /** Wraps the texts of a protocol. Made once for each pair: formats are compared by identity. */
    public FramedFormat(TextFormat texts, Framing framing) {
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
        return texts.tellsGapsApart() ? apart(gap) : framed(texts.gap(gap));
    }

    private byte @Nullable [] apart(Gap gap) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (String channel : gap.channels()) {
            byte[] frame = framed(texts.gap(new Gap(List.of(channel), gap.reason())));
            if (frame != null) {
                frames.writeBytes(frame);
            }
        }
        return frames.size() == 0 ? null : frames.toByteArray();
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
