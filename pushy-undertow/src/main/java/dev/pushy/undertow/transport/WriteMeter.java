package dev.pushy.undertow.transport;

/** What a transport counts as it writes. Called on any loop; must be cheap and must not block. */
public interface WriteMeter {
    /** Counts nothing. */
    WriteMeter NONE = new WriteMeter() {
        @Override
        public void bytes(long count) {}

        @Override
        public void dropped(int publications) {}
    };

    /** Bytes that a socket took, before encryption. */
    void bytes(long count);

    /** Publications that were given up for a slow consumer. */
    void dropped(int publications);
}
