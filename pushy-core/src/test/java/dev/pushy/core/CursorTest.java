package dev.pushy.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
    private static final long LARGEST_OFFSET = (1L << 60) - 1;

    @Test
    void parse_textOfAnyCursor_givesItBack() {
        Random random = new Random(1);
        for (int round = 0; round < 5_000; round++) {
            int partitions = 1 + random.nextInt(20);
            Position[] positions = new Position[partitions];
            for (int p = 0; p < partitions; p++) {
                positions[p] = randomPosition(random, p);
            }
            Cursor cursor = Cursor.of(positions);
            String text = cursor.toString();
            assertTrue(text.matches("[A-Za-z0-9_-]+"), text);
            assertEquals(Optional.of(cursor), Cursor.parse(text, partitions), text);
            assertEquals(Optional.empty(), Cursor.parse(text, partitions + 1), text);
            assertEquals(
                    cursor.hashCode(),
                    Cursor.parse(text, partitions).orElseThrow().hashCode());
        }
    }

    @Test
    void parse_extremes_givesThemBack() {
        for (long offset : new long[] {0, 1, 63, 64, 4_095, 4_096, 1L << 32, LARGEST_OFFSET}) {
            for (int number : new int[] {0, 1, Integer.MAX_VALUE}) {
                Cursor cursor = Cursor.of(new Position(0, number, offset, number));
                assertEquals(Optional.of(cursor), Cursor.parse(cursor.toString(), 1));
            }
        }
    }

    @Test
    void id_withOnePartition_isTheTextOfTheCursor() {
        Position position = new Position(0, 12, 345, 678);
        assertEquals(Cursor.of(position).toString(), position.id(1));
        assertTrue(position.id(1).length() <= 16, position.id(1));
        assertEquals('a', position.id(1).charAt(0));
        assertEquals('b', position.id(2).charAt(0));
        assertEquals(
                'c', Cursor.of(position, new Position(1, 0, 0, 0)).toString().charAt(0));
    }

    @Test
    void id_ofDifferentPlaces_isNeverTheSame() {
        Set<String> ids = new HashSet<>();
        for (int partition = 0; partition < 3; partition++) {
            for (long offset = 1; offset < 200; offset++) {
                for (int tag = 0; tag < 3; tag++) {
                    assertTrue(ids.add(new Position(partition, 5, offset, tag).id(3)));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "b",
                "c",
                "l",
                "z",
                "aAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAA",
                "a////////////////",
                "aAAAAAAAAAAAA\u00e4",
                "aAAAAAAAAAAAAAAAAAAAAAAA",
                "a______AAAAAAB",
                "aAAAAAA______B",
                "lAAAAAAAAAAA",
                "c_",
                "c_AAAAAAAAAAAAB",
                "last:20",
                "0",
                "null",
                "[object Object]"
            })
    void parse_garbage_isEmpty(String text) {
        for (int partitions = 0; partitions <= 4; partitions++) {
            assertEquals(Optional.empty(), Cursor.parse(text, partitions), text + " for " + partitions);
        }
    }

    @Test
    void parse_brokenTexts_neverThrows() {
        Random random = new Random(2);
        for (int round = 0; round < 20_000; round++) {
            int partitions = random.nextInt(4);
            Position[] positions = {randomPosition(random, 0), randomPosition(random, 1)};
            StringBuilder text = new StringBuilder(
                    random.nextBoolean() ? Cursor.of(positions).toString() : positions[0].id(1));
            int edits = random.nextInt(3);
            for (int i = 0; i < edits; i++) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, (char) random.nextInt(300));
                    case 1 -> text.deleteCharAt(at);
                    default -> text.setLength(at + 1);
                }
                if (text.length() == 0) {
                    break;
                }
            }
            Optional<Cursor> cursor = Cursor.parse(text.toString(), partitions);
            cursor.ifPresent(known -> {
                for (int p = 0; p < known.partitions(); p++) {
                    assertTrue(known.position(p).offset() >= 0);
                    assertTrue(known.position(p).epoch() >= 0);
                    assertTrue(known.position(p).tag() >= 0);
                    assertEquals(p, known.position(p).partition());
                }
            });
        }
    }

    @Test
    void with_movedPartition_leavesTheOthers() {
        Position moved = new Position(1, 9, 9, 9);
        Cursor cursor = Cursor.of(new Position(0, 1, 1, 1), new Position(1, 2, 2, 2));
        Cursor after = cursor.with(moved);
        assertEquals(moved, after.position(1));
        assertEquals(cursor.position(0), after.position(0));
        assertNotEquals(cursor, after);
        assertEquals(new Position(1, 2, 2, 2), cursor.position(1), "the first cursor was changed");
        assertEquals(
                new Position(0, 3, 3, 3),
                Cursor.of(new Position(0, 1, 1, 1))
                        .with(new Position(0, 3, 3, 3))
                        .position(0));
    }

    @Test
    void ofKnown_withPartitionOfNoPosition_isNull() {
        Position known = new Position(0, 1, 1, 1);
        assertNull(Cursor.ofKnown(new Position[] {known, null}));
        assertEquals(Cursor.of(known), Cursor.ofKnown(new Position[] {known}));
    }

    private static Position randomPosition(Random random, int partition) {
        long offset = random.nextLong(1L << (1 + random.nextInt(60)));
        return new Position(partition, random.nextInt(Integer.MAX_VALUE), offset, random.nextInt(Integer.MAX_VALUE));
    }
}
