package dev.pushy.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Values by wildcard pattern, found by the channels that the patterns match. A trie of segments for each app; a look-up
 * costs at most two branches a segment, however many patterns there are. Not thread-safe.
 */
final class PatternTrie<T> {
    private final Map<String, Node<T>> apps = new HashMap<>();
    private int size;

    /** Puts a value at a pattern that has none. */
    void put(ChannelPattern pattern, T value) {
        Node<T> node = apps.computeIfAbsent(pattern.app(), app -> new Node<>());
        for (String segment : pattern.segments()) {
            node = node.grow(segment);
        }
        if (node.value != null) {
            throw new IllegalStateException(pattern + " is there already");
        }
        node.value = value;
        size++;
    }

    /** Removes the value of a pattern, if there is one. */
    void remove(ChannelPattern pattern) {
        Node<T> root = apps.get(pattern.app());
        if (root != null && remove(root, pattern.segments(), 0)) {
            size--;
        }
        if (root != null && root.isEmpty()) {
            apps.remove(pattern.app());
        }
    }

    private boolean remove(Node<T> node, List<String> segments, int depth) {
        if (depth == segments.size()) {
            boolean had = node.value != null;
            node.value = null;
            return had;
        }
        String segment = segments.get(depth);
        Node<T> child = node.child(segment);
        if (child == null || !remove(child, segments, depth + 1)) {
            return false;
        }
        if (child.isEmpty()) {
            node.prune(segment);
        }
        return true;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Hands over the values of all patterns that match. None matches a reserved channel. */
    void match(Channel channel, Consumer<T> found) {
        Node<T> root = channel.isReserved() ? null : apps.get(channel.app());
        if (root != null) {
            match(root, channel.name(), 0, found);
        }
    }

    /** Whether any pattern matches. */
    boolean matches(Channel channel) {
        boolean[] found = new boolean[1];
        match(channel, value -> found[0] = true);
        return found[0];
    }

    private void match(Node<T> node, String name, int from, Consumer<T> found) {
        if (from > name.length()) {
            if (node.value != null) {
                found.accept(node.value);
            }
            return;
        }
        Node<T> rest = node.rest;
        if (rest != null && rest.value != null) {
            found.accept(rest.value);
        }
        int dot = name.indexOf('.', from);
        int to = dot < 0 ? name.length() : dot;
        if (node.one != null) {
            match(node.one, name, to + 1, found);
        }
        if (node.literals != null) {
            Node<T> literal = node.literals.get(name.substring(from, to));
            if (literal != null) {
                match(literal, name, to + 1, found);
            }
        }
    }

    private static final class Node<T> {
        private @Nullable Map<String, Node<T>> literals;
        private @Nullable Node<T> one;
        private @Nullable Node<T> rest;
        private @Nullable T value;

        private @Nullable Node<T> child(String segment) {
            return switch (segment) {
                case "*" -> one;
                case "**" -> rest;
                default -> literals == null ? null : literals.get(segment);
            };
        }

        private Node<T> grow(String segment) {
            Node<T> child = child(segment);
            if (child != null) {
                return child;
            }
            Node<T> grown = new Node<>();
            switch (segment) {
                case "*" -> one = grown;
                case "**" -> rest = grown;
                default -> {
                    if (literals == null) {
                        literals = new HashMap<>(4);
                    }
                    literals.put(segment, grown);
                }
            }
            return grown;
        }

        private void prune(String segment) {
            switch (segment) {
                case "*" -> one = null;
                case "**" -> rest = null;
                default -> {
                    if (literals != null) {
                        literals.remove(segment);
                        literals = literals.isEmpty() ? null : literals;
                    }
                }
            }
        }

        private boolean isEmpty() {
            return value == null && one == null && rest == null && literals == null;
        }
    }
}
