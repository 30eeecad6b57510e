-- What the broker keeps in the database. Every node runs this at its start.

CREATE SCHEMA IF NOT EXISTS pushy;

-- The number of the last event. Whoever counts holds the row until his transaction ends, so that events become visible
-- in the order of their numbers, without a hole.
CREATE TABLE IF NOT EXISTS pushy.last (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    number bigint NOT NULL
);
INSERT INTO pushy.last (number) VALUES (0) ON CONFLICT DO NOTHING;

-- What the nodes have to hear. Kept for a minute, for those whose connection breaks.
CREATE TABLE IF NOT EXISTS pushy.event (
    number bigint PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    head text NOT NULL,
    data bytea NOT NULL
);

CREATE TABLE IF NOT EXISTS pushy.idempotency (
    channel text NOT NULL,
    key text NOT NULL,
    id text NOT NULL,
    expires timestamptz NOT NULL,
    PRIMARY KEY (channel, key)
);

CREATE TABLE IF NOT EXISTS pushy.retained (
    channel text PRIMARY KEY,
    head text NOT NULL,
    data bytea NOT NULL,
    expires timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS pushy.revocation (
    body text NOT NULL,
    expires timestamptz NOT NULL
);
-- A body may be longer than an index takes.
CREATE UNIQUE INDEX IF NOT EXISTS revocation_once ON pushy.revocation (md5(body));

-- Gives an event its place. The nodes are woken when the transaction ends.
CREATE OR REPLACE FUNCTION pushy.append(its_kind text, its_head text, its_data bytea) RETURNS void AS $$
DECLARE
    next bigint;
BEGIN
    UPDATE pushy.last SET number = number + 1 RETURNING number INTO next;
    INSERT INTO pushy.event (number, kind, head, data) VALUES (next, its_kind, its_head, its_data);
    PERFORM pg_notify('pushy', '');
END $$ LANGUAGE plpgsql;

-- Accepts a message, unless its idempotency key is known: then the answer is the id of the first message with it. All of
-- it or nothing.
CREATE OR REPLACE FUNCTION pushy.publish(
    its_channel text, its_id text, its_head text, its_data bytea, its_key text, key_life interval, retain interval)
    RETURNS text AS $$
DECLARE
    first text;
BEGIN
    IF its_key IS NOT NULL THEN
        INSERT INTO pushy.idempotency AS known (channel, key, id, expires)
            VALUES (its_channel, its_key, its_id, clock_timestamp() + key_life)
            ON CONFLICT (channel, key) DO UPDATE SET id = excluded.id, expires = excluded.expires
                WHERE known.expires <= clock_timestamp();
        IF NOT FOUND THEN
            SELECT id INTO first FROM pushy.idempotency WHERE channel = its_channel AND key = its_key;
            RETURN first;
        END IF;
    END IF;
    IF retain > interval '0' THEN
        INSERT INTO pushy.retained (channel, head, data, expires)
            VALUES (its_channel, its_head, its_data, clock_timestamp() + retain)
            ON CONFLICT (channel) DO UPDATE
                SET head = excluded.head, data = excluded.data, expires = excluded.expires;
    END IF;
    PERFORM pushy.append('message', its_head, its_data);
    RETURN its_id;
END $$ LANGUAGE plpgsql;

-- Forgets what has no meaning any more.
CREATE OR REPLACE FUNCTION pushy.forget() RETURNS void AS $$
    DELETE FROM pushy.event WHERE at < clock_timestamp() - interval '1 minute';
    DELETE FROM pushy.idempotency WHERE expires <= clock_timestamp();
    DELETE FROM pushy.retained WHERE expires <= clock_timestamp();
    DELETE FROM pushy.revocation WHERE expires <= clock_timestamp();
$$ LANGUAGE sql;
