package dev.pushy.core.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pushy.core.SessionDirectory;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link SessionDirectory} of several nodes promises. Adapters extend this and make a fixture. */
@Timeout(120)
public abstract class SessionDirectoryContract {
    private static final URI A = URI.create("http://10.0.0.1:4000");
    private static final URI B = URI.create("http://10.0.0.2:4000");
    private static final URI C = URI.create("https://node-c.example.com");
    /** Session names hold what clients send. */
    private static final String NAME = "/app/key/{0} \u00e9*:s'\"\\";

    private final List<SessionDirectory> nodes = new ArrayList<>();
    private SessionDirectoryFixture fixture;
    private SessionDirectory a;
    private SessionDirectory b;
    private SessionDirectory c;

    /** A cluster without nodes. */
    protected abstract SessionDirectoryFixture createFixture();

    @BeforeEach
    final void startNodes() {
        fixture = createFixture();
        a = node(A);
        b = node(B);
        c = node(C);
    }

    private SessionDirectory node(URI address) {
        SessionDirectory node = fixture.createNode();
        nodes.add(node);
        node.start(address);
        return node;
    }

    @AfterEach
    final void stopNodes() {
        nodes.forEach(SessionDirectory::close);
        fixture.close();
    }

    private static void isHere(CompletionStage<Optional<URI>> answer) {
        assertEquals(Optional.empty(), Await.get(answer));
    }

    private static void isAt(URI node, CompletionStage<Optional<URI>> answer) {
        assertEquals(Optional.of(node), Await.get(answer));
    }

    @Test
    void claim_ofAnUnknownSession_takesIt() {
        isHere(a.claim(NAME));
        isAt(A, b.claim(NAME));
        isAt(A, c.claim(NAME));
        isHere(a.claim(NAME));
    }

    @Test
    void find_tellsWhereASessionIs_andTakesNothing() {
        isHere(b.find(NAME));
        isHere(c.claim(NAME));
        isAt(C, b.find(NAME));
        isHere(c.find(NAME));
    }

    @Test
    void sessions_ofOtherNames_areOthers() {
        isHere(a.claim("one"));
        isHere(b.claim("One"));
        isHere(c.claim("one "));
        isAt(A, c.find("one"));
        isAt(B, c.find("One"));
    }

    @Test
    void claims_ofAllNodesAtOnce_areWonByOne() {
        List<URI> addresses = List.of(A, B, C);
        for (int round = 0; round < 200; round++) {
            String name = NAME + round;
            List<CompletionStage<Optional<URI>>> answers =
                    List.of(a.claim(name), b.claim(name), c.claim(name), a.claim(name));
            List<Optional<URI>> told = answers.stream().map(Await::get).toList();
            List<URI> winners = addresses.stream()
                    .filter(address -> told.get(addresses.indexOf(address)).isEmpty())
                    .toList();
            assertEquals(1, winners.size(), told::toString);
            URI winner = winners.get(0);
            for (int i = 0; i < told.size(); i++) {
                URI asking = addresses.get(i % 3);
                assertEquals(asking.equals(winner) ? Optional.empty() : Optional.of(winner), told.get(i));
            }
        }
    }

    @Test
    void release_makesTheNameFree() {
        isHere(a.claim(NAME));
        a.release(NAME);
        Await.until(() -> Await.get(b.find(NAME)).isEmpty(), () -> "the session is not released");
        isHere(b.claim(NAME));
        isAt(B, a.claim(NAME));
    }

    @Test
    void release_andClaimBehindIt_keepTheSession() {
        isHere(a.claim(NAME));
        a.release(NAME);
        isHere(a.claim(NAME));
        isAt(A, b.find(NAME));
    }

    @Test
    void release_ofASessionThatAnotherNodeHas_changesNothing() {
        isHere(a.claim(NAME));
        b.release(NAME);
        isHere(b.claim("behind the release"));
        isAt(A, b.find(NAME));
    }

    @Test
    void close_makesAllNamesFree() {
        isHere(a.claim(NAME));
        isHere(a.claim("another"));
        a.close();
        isHere(b.find(NAME));
        isHere(c.claim("another"));
        isAt(C, b.find("another"));
    }

    @Test
    void endOfALease_makesAllNamesFree_untilTheNodeTakesThemAgain() {
        isHere(a.claim(NAME));
        isHere(a.claim("taken"));
        fixture.endLease(a);
        isHere(b.claim("taken"));
        isHere(a.claim(NAME));
        isAt(A, c.find(NAME));
        isAt(B, c.find("taken"));
        isAt(B, a.claim("taken"));
        a.release("taken");
        isHere(a.claim("behind the release"));
        isAt(B, c.find("taken"));
    }

    @Test
    void node_atTheAddressOfAnother_takesItsPlace() {
        isHere(a.claim(NAME));
        SessionDirectory restarted = node(A);
        isHere(restarted.find(NAME));
        isHere(restarted.claim(NAME));
        isAt(A, b.find(NAME));
    }

    @Test
    void manySessions_areKnownAlone() {
        List<CompletionStage<Optional<URI>>> answers = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            answers.add((i % 2 == 0 ? a : b).claim("s" + i));
        }
        answers.forEach(SessionDirectoryContract::isHere);
        for (int i = 0; i < 2_000; i++) {
            isAt(i % 2 == 0 ? A : B, c.find("s" + i));
        }
    }
}
