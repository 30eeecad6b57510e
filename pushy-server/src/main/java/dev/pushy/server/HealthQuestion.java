package dev.pushy.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Asks a server on this machine whether it is ready. A bare socket, since this is done every few seconds in a new JVM. */
final class HealthQuestion {
    private static final int TIMEOUT_MS = 3_000;

    private HealthQuestion() {}

    /** True if the answer is 200; says on {@code out} or {@code err} what it was. */
    static boolean ask(int port, PrintWriter out, PrintWriter err) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.getOutputStream()
                    .write("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            BufferedReader answer =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            String status = String.valueOf(answer.readLine());
            if (status.startsWith("HTTP/1.1 200")) {
                out.println("ready");
                return true;
            }
            err.println("not ready: " + status);
        } catch (IOException e) {
            err.println("no answer on port " + port + ": " + e.getMessage());
        }
        return false;
    }
}
