package dev.pushy.server;

import java.util.List;
import java.util.stream.Collectors;

/** Says that the server cannot start with this configuration, with everything that is wrong with it at once. */
final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<Fault> faults;

    ConfigException(List<Fault> faults) {
        super(faults.stream().map(Fault::toString).collect(Collectors.joining(System.lineSeparator())));
        this.faults = List.copyOf(faults);
    }

    /** Everything that is wrong, in the order in which it was found. */
    List<Fault> faults() {
        return faults;
    }
}
