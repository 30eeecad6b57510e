package dev.pushy.server;

import dev.pushy.undertow.pusher.AppKey;
import dev.pushy.undertow.pusher.PusherApp;
import java.io.PrintWriter;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.net.URI;

/** What a server that has just started says on the terminal: where it is and, in development mode, how to try it. */
final class Greeting {
    private static final System.Logger LOG = System.getLogger(Greeting.class.getName());

    private Greeting() {}

    static void print(PrintWriter out, PushyServer server, ServerConfig config) {
        Listen listen = config.listen();
        String url = url(server, listen);
        String alsoTls = listen.tls() != null && listen.plain() ? " and, with TLS, port " + server.tlsPort() : "";
        String listens = "Pushy listens on " + url + alsoTls + " (started in " + sinceStart() + " ms)";
        boolean open = config.dev() && listen.bindChosen() && !isLoopback(listen.bind());
        String warning = "WARNING: development mode, open to other machines (--bind " + listen.bind()
                + ") with credentials that everybody knows. Never do this on a network that you do not trust.";
        if (config.logging().json()) {
            LOG.log(Level.INFO, listens);
            if (open) {
                LOG.log(Level.WARNING, warning);
            }
            return;
        }
        out.println(listens);
        if (open) {
            out.println();
            out.println(warning);
        }
        if (config.dev()) {
            tryItOut(out, url, config);
        }
        out.flush();
    }

    private static String url(PushyServer server, Listen listen) {
        String host = listen.bind().equals("0.0.0.0") || listen.bind().equals("::") ? "127.0.0.1" : listen.bind();
        return (listen.plain() ? "http://" : "https://") + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + server.port();
    }

    /**
     * Counted from the start of the JVM. The start of the process would say up to a second too much: Linux counts it from
     * the time of the boot, which is told in whole seconds.
     */
    private static long sinceStart() {
        return System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    }

    private static void tryItOut(PrintWriter out, String url, ServerConfig config) {
        AppConfig.Publisher publisher = config.apps().get(0).publishers().get(0);
        boolean sample = publisher.id().equals(SampleCredentials.CLIENT_ID)
                && publisher.secrets().stream().anyMatch(SampleCredentials::contains);
        String id = publisher.id();
        String secret = sample ? SampleCredentials.CLIENT_SECRET : "$PUBLISHER_CLIENT_SECRET";
        out.printf("""

                Development mode: sample credentials, for trying things out only. Copy and paste:

                  # A token for every channel that begins with news.
                  TOKEN=$(curl -s %1$s/token -H 'X-Client-ID: %2$s' -H "X-Client-Secret: %3$s" \\
                    -H 'Content-Type: application/json' -d '{"sub":"me","channels":["news.*"]}' | sed 's/.*"token":"\\([^"]*\\).*/\\1/')

                  # Listen (in one terminal)
                  curl -N "%1$s/channels/stream?channels=news.*&token=$TOKEN"

                  # Publish (in another)
                  curl %1$s/publish/news.sports -H 'X-Client-ID: %2$s' -H "X-Client-Secret: %3$s" \\
                    -H 'Content-Type: application/json' -d '{"data":{"title":"Extra time"}}'

                  # Health and metrics
                  curl %1$s/health/ready
                  curl %1$s/metrics

                """, url, id, secret);
        PusherApp app = config.apps().get(0).pusher();
        if (app != null) {
            pusher(out, url, app);
        }
    }

    private static void pusher(PrintWriter out, String url, PusherApp app) {
        AppKey key = app.keys().get(0);
        boolean sample = SampleCredentials.contains(new Secret(key.secret()));
        URI uri = URI.create(url);
        boolean tls = uri.getScheme().equals("https");
        out.printf(
                """
                  # For clients and libraries of Pusher: app id %1$s, key %2$s, secret %3$s
                  new Pusher('%2$s', {wsHost: '%4$s', %5$s: %6$d, forceTLS: %7$b, enabledTransports: ['ws'], cluster: ''})

                """,
                app.id(),
                key.key(),
                sample ? key.secret() : "as configured",
                uri.getHost(),
                tls ? "wssPort" : "wsPort",
                uri.getPort(),
                tls);
    }

    private static boolean isLoopback(String bind) {
        return bind.startsWith("127.") || bind.equals("localhost") || bind.equals("::1");
    }
}
