package dev.pushy.undertow.pusher;

import dev.pushy.core.CloseReason;
import dev.pushy.core.Connection;
import dev.pushy.undertow.protocol.ClientRequest;
import dev.pushy.undertow.protocol.ClientSession;
import dev.pushy.undertow.protocol.ClientSocket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A socket with the address that its client named later. */
final class AddressedSocket implements ClientSocket {
    private final ClientSocket socket;
    private @Nullable ClientRequest request;

    AddressedSocket(ClientSocket socket, ClientRequest request) {
        this.socket = socket;
        this.request = request;
    }

    @Override
    public ClientRequest request() {
        if (request == null) {
            throw new IllegalStateException("the request was forgotten");
        }
        return request;
    }

    @Override
    public void forgetRequest() {
        request = null;
        socket.forgetRequest();
    }

    @Override
    public Connection connection() {
        return socket.connection();
    }

    @Override
    public void send(String text) {
        socket.send(text);
    }

    @Override
    public void close(ClientSession.CloseCode code, CloseReason reason) {
        socket.close(code, reason);
    }

    @Override
    public void pingAfter(Duration silence, Duration answer) {
        socket.pingAfter(silence, answer);
    }

    @Override
    public void suspendReads() {
        socket.suspendReads();
    }

    @Override
    public void resumeReads() {
        socket.resumeReads();
    }
}
