package dev.pushy.examples.tokens;

import dev.pushy.core.TokenService;
import dev.pushy.core.contract.TokenServiceContract;
import java.time.Duration;
import java.time.InstantSource;

/** Sessions hold to what every token service promises. What needs a token for any grant is reported as skipped. */
class SessionsContractTest extends TokenServiceContract {
    @Override
    protected TokenService createService() {
        return new Sessions(InstantSource.system(), Duration.ofHours(1), 10);
    }
}
