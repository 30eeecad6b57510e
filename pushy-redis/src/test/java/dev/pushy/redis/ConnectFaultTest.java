package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Those that no real server can be made to say here; the others are in {@link RedisStartTest}. */
class ConnectFaultTest {
    private static String explained(JedisException refused) {
        HostAndPort address = new HostAndPort("db", 6379);
        return String.valueOf(
                ConnectFault.explained(refused, address, Duration.ofSeconds(2)).getMessage());
    }

    @Test
    void explained_unknownHost_namesIt() {
        String text = explained(
                new JedisConnectionException("Failed to connect to db:6379.", new UnknownHostException("db")));
        assertTrue(text.contains("nobody knows the host db"), text);
    }

    @ParameterizedTest
    @CsvSource({
        "DENIED Redis is running in protected mode because, protected mode",
        "ERR max number of clients reached, maxclients",
    })
    void explained_refusal_namesTheRemedy(String said, String remedy) {
        String text = explained(new JedisDataException(said));
        assertTrue(text.contains(remedy) && text.contains(said), text);
    }

    @Test
    void explained_whatNobodyKnows_staysAsItIs() {
        JedisException refused = new JedisDataException("ERR never heard of");
        assertSame(refused, ConnectFault.explained(refused, new HostAndPort("db", 6379), Duration.ofSeconds(2)));
    }
}
