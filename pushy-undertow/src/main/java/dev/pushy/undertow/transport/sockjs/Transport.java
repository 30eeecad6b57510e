package dev.pushy.undertow.transport.sockjs;

/** One of the ways in which SockJS clients send or receive. Stateless. */
interface Transport {
    /** The method of its requests. */
    String method();

    /** Whether pages of other origins may ask without an iframe. */
    boolean isCrossOrigin();

    /** Answers a request. On the IO thread of the exchange. */
    void handle(Call call);
}
