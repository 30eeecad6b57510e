package dev.pushy.core.jwt;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Public keys out of PEM text (RFC 7468): a {@code PUBLIC KEY}, or the key of a {@code CERTIFICATE}. */
final class PublicKeys {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private PublicKeys() {}

    /**
     * Reads the first block of a file.
     *
     * @throws IllegalArgumentException naming the file and what is wrong with it
     */
    static PublicKey read(Path file) {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new IllegalArgumentException("the public key file " + file + " cannot be read: " + e, e);
        }
        try {
            return parse(text);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("the public key file " + file + " is not good: " + e.getMessage(), e);
        }
    }

    static PublicKey parse(String pem) throws GeneralSecurityException {
        Matcher block = BLOCK.matcher(pem);
        if (!block.find()) {
            throw new IllegalArgumentException("it has no PEM block; -----BEGIN PUBLIC KEY----- was expected");
        }
        String label = block.group(1);
        byte[] der = Base64.getMimeDecoder().decode(block.group(2));
        return switch (label) {
            case "PUBLIC KEY" -> decode(der);
            case "CERTIFICATE" ->
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der))
                        .getPublicKey();
            default ->
                throw new IllegalArgumentException(
                        "its first block is " + label + "; PUBLIC KEY or CERTIFICATE was expected");
        };
    }

    private static PublicKey decode(byte[] der) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
        } catch (InvalidKeySpecException notRsa) {
            return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
        }
    }

    static boolean isOnCurve(ECPublicKey key, String curve) {
        try {
            AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
            named.init(new ECGenParameterSpec(curve));
            ECParameterSpec expected = named.getParameterSpec(ECParameterSpec.class);
            ECParameterSpec actual = key.getParams();
            return expected.getCurve().equals(actual.getCurve())
                    && expected.getGenerator().equals(actual.getGenerator())
                    && expected.getOrder().equals(actual.getOrder());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + curve, e);
        }
    }
}
