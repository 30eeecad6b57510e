package dev.pushy.server;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;

/**
 * Private keys out of PEM blocks: PKCS#8 (RFC 5208), and the older forms of RSA (RFC 8017, appendix A.1.2) and EC (RFC
 * 5915). The JDK reads the first only, so the others are wrapped: what they lack is the name of the algorithm with its
 * parameters, and that stands in the public key that they belong to.
 */
final class PrivateKeys {
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

    private PrivateKeys() {}

    /**
     * The private key of a block.
     *
     * @param of the public key that it should belong to
     * @throws IllegalArgumentException saying what is wrong
     */
    static PrivateKey read(Pem block, PublicKey of) {
        String algorithm = of.getAlgorithm();
        if (!algorithm.equals("RSA") && !algorithm.equals("EC")) {
            throw new IllegalArgumentException(
                    "belongs to a certificate for " + algorithm + "; use one for an RSA or an EC key");
        }
        byte[] der = switch (block.label()) {
            case "PRIVATE KEY" -> block.der();
            case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> wrapped(block.der(), of);
            default -> throw new IllegalArgumentException("holds " + block.label() + " and no private key");
        };
        PrivateKey key;
        try {
            key = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "is no " + algorithm + " key, or a damaged one, but the certificate is for " + algorithm, e);
        }
        if (!belong(key, of)) {
            throw new IllegalArgumentException("belongs to another certificate");
        }
        return key;
    }

    /** Whether what one signs the other confirms. */
    private static boolean belong(PrivateKey key, PublicKey to) {
        byte[] text = {1, 2, 3};
        try {
            Signature signature =
                    Signature.getInstance(key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(to);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The key as PKCS#8; its algorithm is the first part of the public key's own encoding. */
    private static byte[] wrapped(byte[] key, PublicKey of) {
        byte[] publicKey = of.getEncoded();
        int start = contentStart(publicKey, 0);
        int end = contentStart(publicKey, start) + contentLength(publicKey, start);
        byte[] algorithm = Arrays.copyOfRange(publicKey, start, end);
        return der(SEQUENCE, VERSION_0, algorithm, der(OCTET_STRING, key));
    }

    private static int contentStart(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
    }

    private static int contentLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = at + 2; i < contentStart(der, at); i++) {
            length = (length << 8) | (der[i] & 0xff);
        }
        return length;
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        int length = content.size();
        if (length < 0x80) {
            all.write(length);
        } else if (length < 0x100) {
            all.write(0x81);
            all.write(length);
        } else {
            all.write(0x82);
            all.write(length >> 8);
            all.write(length);
        }
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }
}
