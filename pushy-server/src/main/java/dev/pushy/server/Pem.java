package dev.pushy.server;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One block of a PEM text (RFC 7468). */
final class Pem {
    /** Between the first line and the content some tools write lines such as {@code Proc-Type: 4,ENCRYPTED}. */
    private static final Pattern BLOCK = Pattern.compile(
            "-----BEGIN ([A-Z0-9 ]+)-----\\s*((?:[A-Za-z-]+:[^\\n]*\\n)*)([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private final String label;
    private final boolean locked;
    private final byte[] der;

    private Pem(String label, boolean locked, byte[] der) {
        this.label = label;
        this.locked = locked;
        this.der = der;
    }

    /**
     * The whole blocks of a text; what stands around them is passed over.
     *
     * @throws IllegalArgumentException if the content of one is not Base64
     */
    static List<Pem> blocks(String text) {
        List<Pem> blocks = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            String label = block.group(1);
            boolean locked = label.startsWith("ENCRYPTED") || block.group(2).contains("ENCRYPTED");
            blocks.add(new Pem(label, locked, Base64.getMimeDecoder().decode(block.group(3))));
        }
        return List.copyOf(blocks);
    }

    /** What it is, such as {@code CERTIFICATE}. */
    String label() {
        return label;
    }

    /** Whether a pass phrase is needed to read it. */
    boolean locked() {
        return locked;
    }

    /** What is in it. */
    byte[] der() {
        return der.clone();
    }
}
