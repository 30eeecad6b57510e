package dev.pushy.undertow.api;

/** What answers the requests of one method and path. On the IO thread of the exchange; must not block. */
@FunctionalInterface
interface Endpoint {
    /** Begins to answer; what it throws becomes the answer. */
    void handle(Call call);
}
