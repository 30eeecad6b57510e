package dev.pushy.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.Locale;

/** Finds out why the server cannot listen, and says it in one line with what to do. */
final class ListenFault {
    private ListenFault() {}

    static StartException of(ServerConfig config, RuntimeException cause) {
        Listen listen = config.listen();
        for (int port : listen.ports()) {
            String reason = reason(listen.bind(), port);
            if (!reason.isEmpty()) {
                return new StartException("cannot listen on " + listen.bind() + " port " + port + ": " + reason, cause);
            }
        }
        Integer metricsPort = config.metrics().port();
        String metrics = metricsPort == null ? "" : reason(config.metrics().bind(), metricsPort);
        if (!metrics.isEmpty()) {
            return new StartException(
                    "cannot listen on " + config.metrics().bind() + " port " + metricsPort + " for the metrics: "
                            + metrics,
                    cause);
        }
        return new StartException("cannot start: " + cause.getMessage(), cause);
    }

    /** Why nobody can listen there now; empty if one can. */
    private static String reason(String host, int port) {
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return "there is no such address; give one of this machine, or 0.0.0.0 for all";
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
            return "";
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
            if (message.contains("in use")) {
                return "the port is in use; stop what listens there, or choose another with --port";
            }
            if (message.contains("permission")) {
                return "not permitted; ports below 1024 need a right that this user lacks, choose a higher one";
            }
            if (message.contains("assign")) {
                return "the address is none of this machine's; give one that is, or 0.0.0.0 for all";
            }
            return message;
        }
    }
}
