package dev.pushy.undertow.protocol;

import dev.pushy.core.PushyException;
import java.util.Objects;

/** A client asked for what cannot be done. The message may be shown to the client: value, limit, remedy. */
public final class RequestException extends PushyException {
    private static final long serialVersionUID = 1L;

    private final Fault fault;

    /** A refusal. */
    public RequestException(Fault fault, String detail) {
        super(detail);
        this.fault = Objects.requireNonNull(fault, "fault");
    }

    /** What kind of fault it is. */
    public Fault fault() {
        return fault;
    }
}
