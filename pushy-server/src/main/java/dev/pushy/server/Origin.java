package dev.pushy.server;

/**
 * Where a piece of configuration was written: a place in a file, an environment variable or a flag.
 *
 * @param source the file's name, or words such as {@code environment variable PORT}
 * @param line the line in the file, from 1; 0 outside files
 * @param column the column in the file, from 1; 0 outside files
 */
record Origin(String source, int line, int column) implements Comparable<Origin> {

    static Origin environment(String name) {
        return new Origin("environment variable " + name, 0, 0);
    }

    static Origin flag(String name) {
        return new Origin("flag " + name, 0, 0);
    }

    @Override
    public int compareTo(Origin other) {
        int bySource = source.compareTo(other.source);
        if (bySource != 0) {
            return bySource;
        }
        return line != other.line ? Integer.compare(line, other.line) : Integer.compare(column, other.column);
    }

    @Override
    public String toString() {
        return line == 0 ? source : source + ":" + line + ":" + column;
    }
}
