package dev.pushy.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pushy.redis.RedisUrl.Kind;
import dev.pushy.redis.RedisUrl.Node;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUrlTest {

    @Test
    void parse_plainHost_hasDefaults() {
        RedisUrl url = RedisUrl.parse("redis://db");

        assertEquals(Kind.SINGLE, url.kind());
        assertEquals(List.of(new Node("db", 6379)), url.nodes());
        assertEquals(0, url.database());
        assertFalse(url.tls());
        assertNull(url.user());
        assertNull(url.password());
    }

    @Test
    void parse_credentials_areDecodedAndHidden() {
        RedisUrl url = RedisUrl.parse("rediss://me:p%40ss+word@db.example:6380/3");

        assertTrue(url.tls());
        assertEquals("me", url.user());
        assertEquals("p@ss+word", url.password());
        assertEquals(List.of(new Node("db.example", 6380)), url.nodes());
        assertEquals(3, url.database());
        assertFalse(url.toString().contains("p@ss"), url.toString());
    }

    @Test
    void parse_passwordAlone_hasNoUser() {
        RedisUrl url = RedisUrl.parse("redis://:pw@db");

        assertNull(url.user());
        assertEquals("pw", url.password());
    }

    @Test
    void parse_sentinels_nameTheMaster() {
        RedisUrl url = RedisUrl.parse("redis-sentinel://h1,h2:27000/2?master=m");

        assertEquals(Kind.SENTINEL, url.kind());
        assertEquals(List.of(new Node("h1", 26379), new Node("h2", 27000)), url.nodes());
        assertEquals("m", url.master());
        assertEquals(2, url.database());
    }

    @Test
    void parse_cluster_hasManyNodes() {
        RedisUrl url = RedisUrl.parse("redis-cluster://h1,h2:7001,[::1]:7002");

        assertEquals(Kind.CLUSTER, url.kind());
        assertEquals(List.of(new Node("h1", 6379), new Node("h2", 7001), new Node("[::1]", 7002)), url.nodes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:6379",
                "http://db",
                "redis://",
                "redis://db:0",
                "redis://db:70000",
                "redis://a,b",
                "redis://db/x",
                "redis://db?master=m",
                "redis-sentinel://h1",
                "redis-sentinel://h1?master=",
                "redis-cluster://h1/1",
                "redis://:%zz@db"
            })
    void parse_otherForms_areRefused(String url) {
        assertThrows(IllegalArgumentException.class, () -> RedisUrl.parse(url));
    }
}
