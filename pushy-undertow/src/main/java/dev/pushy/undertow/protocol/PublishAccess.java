package dev.pushy.undertow.protocol;

import dev.pushy.core.Channel;
import dev.pushy.core.Grant;
import dev.pushy.core.Pushy;

/** Whether the holder of a token may publish. */
public final class PublishAccess {
    private PublishAccess() {}

    /**
     * Checks token and policy.
     *
     * @throws RequestException saying which of them forbids it
     */
    public static void requireClient(Pushy pushy, Grant grant, Channel channel) {
        if (!grant.mayPublish(channel)) {
            throw new RequestException(
                    Fault.FORBIDDEN,
                    "the token does not allow to publish on " + channel
                            + ": get one whose claim \"publish\", or \"channels\" where that is missing, covers it");
        }
        if (!pushy.policies().of(channel).clientPublish()) {
            throw new RequestException(
                    Fault.FORBIDDEN,
                    "clients may not publish on " + channel + ": its policy leaves that to publishers");
        }
    }
}
