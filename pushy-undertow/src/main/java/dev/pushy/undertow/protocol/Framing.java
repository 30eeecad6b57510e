package dev.pushy.undertow.protocol;

/** How a transport wraps one text message into a complete frame. A pure function; one object for each kind of transport. */
@FunctionalInterface
public interface Framing {

    /**
     * The frame.
     *
     * @param text UTF-8, not to be changed
     */
    byte[] frame(byte[] text);
}
