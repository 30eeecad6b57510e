package dev.pushy.server;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the other nodes reach this one. */
final class NodeUrl {
    private NodeUrl() {}

    /** The one that is configured, if one is. */
    static @Nullable URI read(Settings settings) {
        Optional<String> text = settings.optional(String.class, ConfigKey.NODE_URL);
        if (text.isEmpty()) {
            return null;
        }
        Optional<URI> url = parsed(text.get());
        if (url.isEmpty()) {
            settings.fault(
                    "will not do; it should be http:// or https:// with a host and perhaps a port, such as"
                            + " http://10.0.0.5:4000, and nothing behind that",
                    ConfigKey.NODE_URL);
        } else if (!settings.has(ConfigKey.REDIS_URL)) {
            settings.fault("has no effect without redis-url; set that, or remove this", ConfigKey.NODE_URL);
        }
        return url.orElse(null);
    }

    private static Optional<URI> parsed(String text) {
        try {
            URI url = new URI(text);
            String scheme = String.valueOf(url.getScheme());
            if (url.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
                return Optional.empty();
            }
            if (!url.getRawPath().matches("/?")
                    || url.getRawQuery() != null
                    || url.getRawFragment() != null
                    || url.getRawUserInfo() != null) {
                return Optional.empty();
            }
            return Optional.of(new URI(scheme, null, url.getHost(), url.getPort(), null, null, null));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /**
     * The one for a node that was told none, by the address that it listens on, or else by that of this machine; none where
     * it speaks TLS only, since nobody knows the name in its certificate.
     *
     * @param port that it listens on
     */
    static Optional<URI> standard(Listen listen, int port) {
        if (!listen.plain()) {
            return Optional.empty();
        }
        try {
            InetAddress bound = InetAddress.getByName(listen.bind());
            InetAddress address = bound.isAnyLocalAddress() ? ofThisMachine() : bound;
            return Optional.of(new URI("http", null, text(address), port, null, null, null));
        } catch (UnknownHostException | URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        return text.contains(":") ? "[" + text.replaceAll("%.*", "") + "]" : text;
    }

    /** The address of its name, which containers and pods have; else one of its network cards, or, without any, its own. */
    private static InetAddress ofThisMachine() {
        try {
            InetAddress named = InetAddress.getLocalHost();
            if (isForOthers(named)) {
                return named;
            }
        } catch (UnknownHostException e) {
            // The machine does not know its own name.
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(NodeUrl::isForOthers)
                    .min(Comparator.comparing(address -> !(address instanceof Inet4Address)))
                    .orElseGet(InetAddress::getLoopbackAddress);
        } catch (SocketException e) {
            return InetAddress.getLoopbackAddress();
        }
    }

    private static boolean isForOthers(InetAddress address) {
        return !address.isLoopbackAddress() && !address.isLinkLocalAddress() && !address.isAnyLocalAddress();
    }
}
