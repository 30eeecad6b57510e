package dev.pushy.redis;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** Makes the connections to Redis, all alike: RESP2, the credentials of the configuration, and only to a master. */
final class Dialer {
    /** What a connection is for: its name in CLIENT LIST, and how long it waits for an answer. */
    enum Use {
        /** Publishes and other scripts. */
        COMMANDS,
        /** Reads. */
        READS,
        /** Subscriptions: silence is no fault, the canary tells. */
        LINK,
        /** Questions about the deployment. */
        TOPOLOGY
    }

    private final RedisConfig config;
    private final @Nullable SSLSocketFactory tls;

    Dialer(RedisConfig config) {
        this.config = config;
        this.tls = config.url().tls() ? trusting(config.sslSocketFactory()) : null;
    }

    private static SSLSocketFactory trusting(@Nullable SSLSocketFactory given) {
        return given == null ? (SSLSocketFactory) SSLSocketFactory.getDefault() : given;
    }

    /**
     * Connects to a master.
     *
     * @throws JedisException with a message that names the remedy, if it is none, or does not let us in
     */
    RedisConnection master(HostAndPort address, Use use) {
        RedisConnection connection = open(address, use);
        try {
            requireMaster(connection, address);
            connection.setSoTimeout(
                    use == Use.LINK ? 0 : millis(config.commandTimeout().toMillis()));
            return connection;
        } catch (RuntimeException | Error failed) {
            connection.abort();
            throw failed;
        }
    }

    /** Connects to any server of the deployment. */
    RedisConnection open(HostAndPort address, Use use) {
        RedisUrl url = config.url();
        int database = url.database();
        return connect(address, client(use, url.user(), url.password(), database));
    }

    /** Connects to a sentinel. */
    RedisConnection sentinel(HostAndPort address) {
        return connect(address, client(Use.TOPOLOGY, config.sentinelUser(), config.sentinelPassword(), 0));
    }

    private RedisConnection connect(HostAndPort address, JedisClientConfig client) {
        Sockets sockets = new Sockets(address, new DefaultJedisSocketFactory(config.route(address), client), tls);
        try {
            return new RedisConnection(sockets, client);
        } catch (JedisException refused) {
            sockets.close();
            throw ConnectFault.explained(refused, address, config.connectTimeout());
        }
    }

    private static void requireMaster(RedisConnection connection, HostAndPort address) {
        connection.sendCommand(Command.ROLE);
        Object answer = connection.getOne();
        boolean master = answer instanceof List<?> role
                && role.get(0) instanceof byte[] word
                && new String(word, StandardCharsets.US_ASCII).equals("master");
        if (!master) {
            throw new JedisConnectionException(address + " is a replica, which takes no writes: name the master, or use"
                    + " redis-sentinel:// or redis-cluster://, which find it");
        }
    }

    private JedisClientConfig client(Use use, @Nullable String user, @Nullable String password, int database) {
        DefaultJedisClientConfig.Builder client = DefaultJedisClientConfig.builder()
                .resp2()
                .autoNegotiateProtocol(false)
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .clientName("pushy-" + use.name().toLowerCase(java.util.Locale.ROOT))
                .connectionTimeoutMillis(millis(config.connectTimeout().toMillis()))
                .socketTimeoutMillis(millis(config.connectTimeout().toMillis()))
                .database(database);
        if (user != null) {
            client.user(user);
        }
        if (password != null) {
            client.password(password);
        }
        return client.build();
    }

    private static int millis(long millis) {
        return (int) Math.min(Integer.MAX_VALUE, millis);
    }

    /** Makes the socket, with TLS where that is wanted, and remembers it, so that one is closed whose handshake fails. */
    private static final class Sockets implements JedisSocketFactory {
        private final HostAndPort address;
        private final JedisSocketFactory plain;
        private final @Nullable SSLSocketFactory tls;
        private @Nullable Socket made;

        Sockets(HostAndPort address, JedisSocketFactory plain, @Nullable SSLSocketFactory tls) {
            this.address = address;
            this.plain = plain;
            this.tls = tls;
        }

        @Override
        public Socket createSocket() {
            Socket socket = plain.createSocket();
            made = socket;
            return tls == null ? socket : secure(tls, socket);
        }

        private Socket secure(SSLSocketFactory factory, Socket socket) {
            try {
                SSLSocket secured =
                        (SSLSocket) factory.createSocket(socket, address.getHost(), address.getPort(), true);
                SSLParameters parameters = secured.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                secured.setSSLParameters(parameters);
                secured.startHandshake();
                return secured;
            } catch (IOException failed) {
                throw new JedisConnectionException(
                        "TLS with " + address + " fails: check that Redis speaks TLS there, and that Java trusts its"
                                + " certificate and finds this name in it; " + failed.getMessage(),
                        failed);
            }
        }

        void close() {
            try {
                if (made != null) {
                    made.close();
                }
            } catch (IOException e) {
                // It was of no use anyway.
            }
        }
    }
}
