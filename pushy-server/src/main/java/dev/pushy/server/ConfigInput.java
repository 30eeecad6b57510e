package dev.pushy.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration was made from, kept as it was at the start: so that apps can be read again from their file while
 * all else stays the same. Holds secrets.
 */
final class ConfigInput {
    private final @Nullable Path file;
    private final @Nullable String text;
    private final Map<String, String> environment;
    private final Map<String, String> flags;
    private final List<Fault> unreadable = new ArrayList<>();

    /**
     * Reads the file.
     *
     * @param file the file, if there is one
     * @param environment the environment; an empty value counts as none
     * @param flags path and value of each flag
     */
    ConfigInput(@Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
        this.file = file;
        this.text = file == null ? null : ConfigYaml.read(file, unreadable).orElse(null);
        this.environment = Map.copyOf(environment);
        this.flags = Map.copyOf(flags);
    }

    /** What the file holds, made anew each time, so that the other sources can be laid over it. */
    Raw.Members file(List<Fault> faults) {
        faults.addAll(unreadable);
        if (file == null || text == null) {
            return new Raw.Members(new LinkedHashMap<>(), new Origin("configuration", 0, 0));
        }
        return ConfigYaml.mapping(file, text, faults);
    }

    /** The file of the apps, if one is named. It has to be known before all sources are one. */
    Optional<Path> appsFile(Raw.Members ofFile) {
        String path = ConfigKey.APPS_FILE.path();
        return Optional.ofNullable(flags.get(path))
                .or(() -> Optional.ofNullable(environment.get(ConfigKey.environmentName(path))))
                .filter(name -> !name.isEmpty())
                .or(() -> Optional.ofNullable(ofFile.members().get(path))
                        .filter(member -> member.value() instanceof Raw.Scalar)
                        .map(member -> ((Raw.Scalar) member.value()).text()))
                .filter(name -> !name.isBlank())
                .map(Path::of);
    }

    Map<String, String> environment() {
        return environment;
    }

    Map<String, String> flags() {
        return flags;
    }
}
