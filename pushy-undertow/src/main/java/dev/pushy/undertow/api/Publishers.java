package dev.pushy.undertow.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * All publishers and their secrets, of which only hashes are kept. Every check compares the same number of hashes in
 * constant time, also for an id that nobody has. Immutable.
 */
public final class Publishers {
    private static final int SHORTEST_SECRET = 16;
    private static final String HASHED = "sha256:";
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");

    private final Map<String, Known> known = new HashMap<>();
    private final Known nobody;
    private final int comparisons;

    private record Known(Publisher publisher, List<byte[]> hashes) {}

    /**
     * Checks and hashes the secrets.
     *
     * @throws IllegalArgumentException naming the publisher whose id is taken, or whose secret is missing or weak
     */
    public Publishers(Collection<Publisher> publishers) {
        int most = 1;
        for (Publisher publisher : publishers) {
            if (publisher.id().isEmpty()) {
                throw new IllegalArgumentException(publisher + " has an empty id: give it a name");
            }
            List<byte[]> hashes = new ArrayList<>();
            for (String secret : publisher.secrets()) {
                hashes.add(hash(publisher, secret));
            }
            if (hashes.isEmpty()) {
                throw new IllegalArgumentException(publisher + " has no secret: give it at least one");
            }
            if (known.put(publisher.id(), new Known(publisher, hashes)) != null) {
                throw new IllegalArgumentException(
                        publisher + ": another publisher has this id; ids must differ across all apps");
            }
            most = Math.max(most, hashes.size());
        }
        comparisons = most;
        nobody = new Known(new Publisher("", "", List.of(), List.of()), List.of(new byte[32]));
    }

    private static byte[] hash(Publisher publisher, String secret) {
        if (secret.startsWith(HASHED)) {
            String hex = secret.substring(HASHED.length());
            if (!HEX.matcher(hex).matches()) {
                throw new IllegalArgumentException(
                        publisher + " has a secret that begins with sha256: but 64 hex digits do not follow");
            }
            return HexFormat.of().parseHex(hex);
        }
        if (secret.length() < SHORTEST_SECRET) {
            throw new IllegalArgumentException(publisher + " has a secret of " + secret.length()
                    + " characters: at least " + SHORTEST_SECRET + " are needed, from a random source");
        }
        return sha256(secret.getBytes(StandardCharsets.UTF_8));
    }

    /** The publisher with this id, if this is one of its secrets. */
    Optional<Publisher> authenticate(String id, byte[] secret) {
        Known claimed = known.getOrDefault(id, nobody);
        byte[] hash = sha256(secret);
        boolean same = false;
        for (int i = 0; i < comparisons; i++) {
            same |= MessageDigest.isEqual(
                    hash, claimed.hashes().get(i % claimed.hashes().size()));
        }
        return same && !claimed.publisher().id().isEmpty() ? Optional.of(claimed.publisher()) : Optional.empty();
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
