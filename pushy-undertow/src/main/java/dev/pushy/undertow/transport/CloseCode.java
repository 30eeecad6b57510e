package dev.pushy.undertow.transport;

/** The status codes of a WebSocket close frame that the framing itself knows (RFC 6455 section 7.4). */
final class CloseCode {
    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;
    static final int PROTOCOL_ERROR = 1002;
    static final int UNSUPPORTED_DATA = 1003;
    /** Never on the wire: stands for a close frame without a code. */
    static final int NO_STATUS = 1005;
    /** Never on the wire: stands for a connection that ended without a close frame. */
    static final int ABNORMAL = 1006;

    static final int INVALID_PAYLOAD = 1007;
    static final int POLICY_VIOLATION = 1008;
    static final int TOO_BIG = 1009;
    static final int INTERNAL_ERROR = 1011;

    private CloseCode() {}

    /**
     * Returns whether an end-point may send {@code code}: the codes of the RFC but those reserved for local use, the
     * later registrations 1012 to 1014, and the ranges for libraries (3000) and applications (4000).
     */
    static boolean mayBeSent(int code) {
        return (code >= 3000 && code <= 4999)
                || (code >= NORMAL && code <= UNSUPPORTED_DATA)
                || (code >= INVALID_PAYLOAD && code <= 1014);
    }
}
