package dev.pushy.server;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line: what its words mean, and what each of them does. */
@Command(
        name = "pushy",
        description = "Real-time push: Server-Sent Events and WebSocket.",
        mixinStandardHelpOptions = true,
        versionProvider = PushyCommand.Version.class,
        synopsisSubcommandLabel = "start | health")
final class PushyCommand {
    /** The server was asked to start and runs; anything else ends the process. */
    static final int RUNNING = -1;

    private static final int FAILED = 1;
    private static final int BAD_CONFIGURATION = 2;
    private static final Path USUAL_FILE = Path.of("pushy.yaml");

    private final Map<String, String> environment;

    @Spec
    private @Nullable CommandSpec spec;

    PushyCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Does what the arguments say; the exit code, or {@link #RUNNING}. */
    int run(String... arguments) {
        return new CommandLine(this).execute(withCommand(arguments));
    }

    /** Options without a command belong to {@code start}. */
    private static String[] withCommand(String... arguments) {
        boolean bare = arguments.length == 0
                || (arguments[0].startsWith("-") && !arguments[0].matches("-h|--help|-V|--version"));
        if (!bare) {
            return arguments;
        }
        String[] all = new String[arguments.length + 1];
        all[0] = "start";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return all;
    }

    /** Starts the server; it runs until it is told to stop by a signal. */
    @Command(
            name = "start",
            description = "Start the server. A flag wins over the environment, and that over the file.",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class)
    int start(
            @Option(names = "--dev", description = "Development mode: sample credentials, this machine only.")
                    boolean dev,
            @Option(names = "--bind", paramLabel = "ADDRESS", description = "Address to listen on.") @Nullable
                    String bind,
            @Option(names = "--port", paramLabel = "PORT", description = "TCP port to listen on (4000).") @Nullable
                    String port,
            @Option(names = "--config", paramLabel = "FILE", description = "Configuration file (pushy.yaml, if there).")
                    @Nullable
                    Path file,
            @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Any key of the configuration.") @Nullable
                    Map<String, String> set) {
        try {
            ServerConfig config = configure(dev, bind, port, file, set);
            Logs.configure(config.logging());
            PushyServer server = PushyServer.start(config);
            Signals.stop(server);
            Greeting.print(out(), server, config);
            return RUNNING;
        } catch (ConfigException e) {
            err().println("pushy: the configuration will not do:");
            e.faults().forEach(fault -> err().println("  " + fault));
            return BAD_CONFIGURATION;
        } catch (StartException e) {
            err().println("pushy: " + e.getMessage());
            return FAILED;
        }
    }

    /** Asks a running server on this machine whether it is ready; made for a container's health check. */
    @Command(
            name = "health",
            description = "Ask the server on this machine whether it is ready; exit code 0 if so.",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class)
    int health(
            @Option(names = "--port", paramLabel = "PORT", description = "Port that it listens on.") @Nullable
                    String port,
            @Option(names = "--config", paramLabel = "FILE", description = "Its configuration file.") @Nullable
                    Path file) {
        try {
            // Which secrets it has does not matter here; --dev lets the configuration pass without any.
            ServerConfig config = configure(true, null, port, file, null);
            return HealthQuestion.ask(config.listen(), out(), err()) ? 0 : FAILED;
        } catch (ConfigException e) {
            e.faults().forEach(fault -> err().println(fault));
            return BAD_CONFIGURATION;
        }
    }

    private ServerConfig configure(
            boolean dev,
            @Nullable String bind,
            @Nullable String port,
            @Nullable Path file,
            @Nullable Map<String, String> set) {
        Map<String, String> flags = new LinkedHashMap<>(set == null ? Map.of() : set);
        if (dev) {
            flags.put(ConfigKey.DEV.path(), "true");
        }
        if (bind != null) {
            flags.put(ConfigKey.BIND.path(), bind);
        }
        if (port != null) {
            flags.put(ConfigKey.PORT.path(), port);
        }
        return ServerConfig.load(file == null ? usualFile() : file, environment, flags);
    }

    private @Nullable Path usualFile() {
        String named = environment.get(ConfigSources.FILE);
        if (named != null && !named.isEmpty()) {
            return Path.of(named);
        }
        return Files.exists(USUAL_FILE) ? USUAL_FILE : null;
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    private PrintWriter err() {
        return Objects.requireNonNull(spec).commandLine().getErr();
    }

    /** The version that the jar was built as. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"pushy " + of(Version.class)};
        }

        private static String of(Class<?> type) {
            String version = type.getPackage().getImplementationVersion();
            return version == null ? "(not from a jar)" : version;
        }
    }
}
