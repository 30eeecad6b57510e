package dev.pushy.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A PEM file that the configuration names. What is wrong with it is told as a fault of its key.
 *
 * @param key the key that names it
 * @param path where it is
 */
record PemFile(ConfigKey key, Path path) {

    /** Its certificates in their order; none where there is a fault. */
    List<X509Certificate> certificates(List<Fault> faults) {
        List<X509Certificate> certificates = new ArrayList<>();
        Optional<List<Pem>> blocks = blocks(faults);
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Pem block : blocks.orElse(List.of())) {
                if (block.label().equals("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
                }
            }
            if (blocks.isPresent() && certificates.isEmpty()) {
                faults.add(fault("holds no certificate; it should have a block that begins with"
                        + " -----BEGIN CERTIFICATE-----, whole to its end"));
            }
        } catch (CertificateException e) {
            faults.add(fault("holds a certificate that is damaged (number " + (certificates.size() + 1) + ")"));
        }
        return certificates;
    }

    /** Its private key, still as it is written; empty where there is a fault. */
    Optional<Pem> privateKey(List<Fault> faults) {
        Optional<List<Pem>> blocks = blocks(faults);
        Optional<Pem> found = blocks.orElse(List.of()).stream()
                .filter(block -> block.label().endsWith("PRIVATE KEY"))
                .findFirst();
        if (blocks.isPresent() && found.isEmpty()) {
            faults.add(fault("holds no private key; it should have a block that begins with"
                    + " -----BEGIN PRIVATE KEY-----, whole to its end"));
        } else if (found.isPresent() && found.get().locked()) {
            faults.add(fault("is encrypted, and nobody is there to type its pass phrase; store it without:"
                    + " openssl pkey -in ENCRYPTED -out PLAIN"));
        }
        return found;
    }

    private Optional<List<Pem>> blocks(List<Fault> faults) {
        try {
            return Optional.of(Pem.blocks(Files.readString(path, StandardCharsets.ISO_8859_1)));
        } catch (NoSuchFileException e) {
            faults.add(fault("there is no such file"));
        } catch (IOException e) {
            faults.add(fault("cannot be read (" + e.getClass().getSimpleName() + "); may this user read it?"));
        } catch (IllegalArgumentException e) {
            faults.add(fault("holds a PEM block that is not Base64"));
        }
        return Optional.empty();
    }

    Fault fault(String message) {
        return new Fault(null, key.path(), path + ": " + message);
    }
}
