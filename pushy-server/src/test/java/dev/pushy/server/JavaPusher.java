package dev.pushy.server;

import com.pusher.client.Pusher;
import com.pusher.client.PusherOptions;
import com.pusher.client.channel.Channel;
import com.pusher.client.channel.PresenceChannelEventListener;
import com.pusher.client.channel.PrivateEncryptedChannelEventListener;
import com.pusher.client.channel.PusherEvent;
import com.pusher.client.channel.User;
import com.pusher.client.connection.ConnectionEventListener;
import com.pusher.client.connection.ConnectionState;
import com.pusher.client.connection.ConnectionStateChange;
import com.pusher.client.util.HttpChannelAuthorizer;
import com.pusher.client.util.HttpUserAuthenticator;
import com.pusher.client.util.UrlEncodedConnectionFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** One client of pusher-java-client. Keeps a line for all that it is told. */
final class JavaPusher
        implements PresenceChannelEventListener,
                PrivateEncryptedChannelEventListener,
                ConnectionEventListener,
                AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Pusher pusher;
    private final List<String> lines = new ArrayList<>();

    /** A client of the app with this key, which begins to connect. */
    JavaPusher(int port, String key, PusherApplication application, String user) {
        this(port, key, application, user, new PusherOptions());
    }

    /** The same with options of its own. */
    JavaPusher(int port, String key, PusherApplication application, String user, PusherOptions options) {
        Map<String, String> session = Map.of("user", user);
        HttpChannelAuthorizer authorizer = new HttpChannelAuthorizer(
                application.authorization().toString(), new UrlEncodedConnectionFactory(session));
        HttpUserAuthenticator authenticator = new HttpUserAuthenticator(
                application.authentication().toString(), new UrlEncodedConnectionFactory(session));
        pusher = new Pusher(
                key,
                options.setHost("127.0.0.1")
                        .setWsPort(port)
                        .setUseTLS(false)
                        .setChannelAuthorizer(authorizer)
                        .setUserAuthenticator(authenticator));
        pusher.connect(this, ConnectionState.ALL);
    }

    /** Subscribes, and waits for the server's word. */
    JavaPusher subscribed(String channel) throws InterruptedException {
        subscribe(channel);
        await("subscribed " + channel);
        return this;
    }

    void subscribe(String name) {
        Channel channel;
        if (name.startsWith("private-encrypted-")) {
            channel = pusher.subscribePrivateEncrypted(name, this);
        } else if (name.startsWith("private-")) {
            channel = pusher.subscribePrivate(name, this);
        } else if (name.startsWith("presence-")) {
            channel = pusher.subscribePresence(name, this);
        } else {
            channel = pusher.subscribe(name, this);
        }
        channel.bindGlobal(this);
    }

    void unsubscribe(String channel) {
        pusher.unsubscribe(channel);
    }

    /** Sends an event to the others of a private or presence channel. */
    void trigger(String channel, String event, String data) {
        if (channel.startsWith("presence-")) {
            pusher.getPresenceChannel(channel).trigger(event, data);
        } else {
            pusher.getPrivateChannel(channel).trigger(event, data);
        }
    }

    /** Signs in, and waits until events for the user may come. */
    void signIn() throws InterruptedException {
        pusher.user().bindGlobal(event -> add("for user: " + event.getEventName() + " " + event.getData()));
        pusher.signin();
        await(lines -> pusher.user().userId() != null, "a user id");
    }

    String socketId() {
        return pusher.getConnection().getSocketId();
    }

    /** Waits for a line. */
    void await(String line) throws InterruptedException {
        await(all -> all.contains(line), line);
    }

    /** Waits for the line to come as often. */
    void await(String line, int times) throws InterruptedException {
        await(all -> all.stream().filter(line::equals).count() >= times, times + " times " + line);
    }

    private synchronized void await(Predicate<List<String>> condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.test(lines)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("there was not " + what + ", but:\n" + String.join("\n", lines));
            }
            wait(Math.min(left, 50));
        }
    }

    /** Whether a line came that is like this within a time. */
    synchronized boolean hears(Predicate<String> like, Duration within) throws InterruptedException {
        long deadline = System.nanoTime() + within.toNanos();
        while (lines.stream().noneMatch(like)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /** All lines so far that tell of a channel, or of the connection, or whatever else has the word. */
    synchronized List<String> about(String word) {
        return lines.stream().filter(line -> line.contains(word)).toList();
    }

    private synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    @Override
    public void onConnectionStateChange(ConnectionStateChange change) {
        add("connection " + change.getCurrentState());
    }

    @Override
    public void onError(String message, String code, Exception e) {
        add("error " + code + " " + message);
    }

    @Override
    public void onError(String message, Exception e) {
        add("event not understood: " + message + " " + e);
    }

    @Override
    public void onSubscriptionSucceeded(String channel) {
        add("subscribed " + channel);
    }

    /** Those of the protocol come here too, after they were told in another way. */
    @Override
    public void onEvent(PusherEvent event) {
        if (event.getEventName().startsWith("pusher_internal:")) {
            return;
        }
        String sender = event.getUserId() == null ? "" : " from " + event.getUserId();
        add(event.getChannelName() + ": " + event.getEventName() + " " + event.getData() + sender);
    }

    @Override
    public void onAuthenticationFailure(String message, Exception e) {
        add("not authorized: " + message);
    }

    @Override
    public void onDecryptionFailure(String event, String reason) {
        add("not decrypted: " + event + " " + reason);
    }

    @Override
    public void onUsersInformationReceived(String channel, Set<User> users) {
        add(channel + " has " + users.stream().map(User::getId).sorted().collect(Collectors.joining(", ")));
    }

    @Override
    public void userSubscribed(String channel, User user) {
        add(channel + " is joined by " + user.getId() + " " + user.getInfo());
    }

    @Override
    public void userUnsubscribed(String channel, User user) {
        add(channel + " is left by " + user.getId());
    }

    @Override
    public void close() {
        pusher.disconnect();
    }
}
