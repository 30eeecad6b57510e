package dev.pushy.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** The load balancer of balancer.mjs, which sends each request to the next server. */
final class Balancer implements AutoCloseable {
    private final Process process;
    private final int port;

    private Balancer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Balancer before(int first, int second) throws IOException {
        Command.require("node");
        Process process = new ProcessBuilder(
                        "node", "balancer.mjs", "http://127.0.0.1:" + first, "http://127.0.0.1:" + second)
                .directory(JavaScriptClientsIT.scripts().toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            String said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            if (said == null) {
                throw new AssertionError("the balancer has ended");
            }
            return new Balancer(process, Integer.parseInt(said));
        } catch (IOException | RuntimeException | Error e) {
            process.destroyForcibly();
            throw e;
        }
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
