/**
 * The heart of Pushy: channels and patterns, the broker, presence and token SPIs with their in-memory implementations,
 * and the hub that fans publications out to the connections of this process.
 *
 * <h2>Threads and locks</h2>
 *
 * <ul>
 *   <li><b>Loop-confined</b>, no lock: {@code HubShard} with its {@code FanOut}, {@code FlushQueue} and {@code Pace},
 *       {@code Subscriber}, {@code Subscriptions}, {@code SubscriberGroup}, {@code Recovery}, {@code Addition},
 *       {@code Entrance} and every {@link dev.pushy.core.Connection}. Other threads reach them through
 *       {@link dev.pushy.core.EventLoop#execute}.
 *   <li><b>The sequencer</b>, one short lock in {@code Hub}: the node's cursor, {@code PartitionFeed}, the
 *       {@code InterestIndex}, {@code Rosters} with the leaves that wait in {@code PresenceGrace}, and the order in which
 *       events enter the mailboxes. No call to a broker or store is made under it.
 *   <li><b>The lock of {@code LocalPresence}</b>: whom this node's connections make members of which channels. No call is
 *       made under it, to the store or to a loop.
 *   <li><b>The log lock</b> in {@code MemoryLog}: offsets and retained messages. The listener is called under it, so the
 *       order is log lock, then sequencer, never the other way round.
 *   <li>{@code Mailbox} is the only door from the sequencer to a loop.
 * </ul>
 */
@NullMarked
package dev.pushy.core;

import org.jspecify.annotations.NullMarked;
