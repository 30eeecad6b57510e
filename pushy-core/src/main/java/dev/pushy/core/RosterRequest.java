package dev.pushy.core;

/** One wish of one connection to be told a roster; compared by identity. */
final class RosterRequest {
    final Interest interest;
    final Entry.Roster view;
    final HubShard shard;
    final Entrance asker;

    RosterRequest(Interest interest, Entry.Roster view, HubShard shard, Entrance asker) {
        this.interest = interest;
        this.view = view;
        this.shard = shard;
        this.asker = asker;
    }
}
