package dev.pushy.undertow.protocol;

import dev.pushy.core.WireFormat;

/** Events as texts of a protocol, without the frames of a transport around them. */
public interface TextFormat extends WireFormat {

    /**
     * Whether {@link #gap} takes one channel at a time. A transport then asks for the text of each channel and puts each
     * into a frame of its own.
     */
    default boolean tellsGapsApart() {
        return false;
    }
}
