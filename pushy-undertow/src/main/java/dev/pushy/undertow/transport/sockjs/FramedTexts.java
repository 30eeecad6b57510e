package dev.pushy.undertow.transport.sockjs;

import dev.pushy.core.Cursor;
import dev.pushy.core.Gap;
import dev.pushy.core.Join;
import dev.pushy.core.Leave;
import dev.pushy.core.Publication;
import dev.pushy.core.WireFormat;
import dev.pushy.undertow.protocol.FramedFormat;
import dev.pushy.undertow.protocol.TextFormat;
import org.jspecify.annotations.Nullable;

/** The texts of a protocol, each in a frame of SockJS that is itself a text. */
final class FramedTexts implements TextFormat {
    private final TextFormat texts;
    private final WireFormat framed;

    FramedTexts(TextFormat texts) {
        this.texts = texts;
        this.framed = new FramedFormat(texts, SockJsText::message);
    }

    @Override
    public boolean tellsGapsApart() {
        return texts.tellsGapsApart();
    }

    @Override
    public byte @Nullable [] publication(Publication publication, @Nullable Cursor cursor, @Nullable Cursor since) {
        return framed.publication(publication, cursor, since);
    }

    @Override
    public byte @Nullable [] join(Join join) {
        return framed.join(join);
    }

    @Override
    public byte @Nullable [] leave(Leave leave) {
        return framed.leave(leave);
    }

    @Override
    public byte @Nullable [] gap(Gap gap) {
        return framed.gap(gap);
    }

    @Override
    public byte @Nullable [] checkpoint(Cursor cursor) {
        return framed.checkpoint(cursor);
    }

    @Override
    public byte @Nullable [] heartbeat(@Nullable Cursor cursor) {
        return framed.heartbeat(cursor);
    }
}
