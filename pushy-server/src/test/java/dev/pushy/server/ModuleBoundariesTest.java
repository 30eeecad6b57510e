package dev.pushy.server;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Who may use whom: the modules and packages of the whole project, seen from the one module that has all of them. */
class ModuleBoundariesTest {
    private static final String CORE = "dev.pushy.core..";
    private static final String ROOT = "dev.pushy.undertow";
    private static final String API = "dev.pushy.undertow.api..";
    private static final String TRANSPORT = "dev.pushy.undertow.transport..";
    private static final String PUSHER = "dev.pushy.undertow.pusher..";
    private static final String PROTOCOL = "dev.pushy.undertow.protocol..";
    private static final String HTTP = "dev.pushy.undertow.http..";
    private static final String REDIS = "dev.pushy.redis..";
    private static final String SERVER = "dev.pushy.server..";
    private static final String PUSHY = "dev.pushy..";
    private static final String JACKSON = "com.fasterxml.jackson..";
    private static final String JWT = "com.auth0..";
    private static final String[] JDK = {"java..", "javax.crypto..", "javax.net..", "org.jspecify.annotations.."};
    private static final String[] UNDERTOW = {"io.undertow..", "org.xnio.."};

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
            .importPackages("dev.pushy");

    @Test
    void classPath_ofThisModule_hasEveryModule() {
        for (String module : List.of("core", "undertow", "redis", "server")) {
            assertTrue(
                    MAIN.stream().anyMatch(type -> type.getPackageName().equals("dev.pushy." + module)),
                    "no class of pushy-" + module + " was seen, so the other rules of this test prove nothing");
        }
    }

    @Test
    void core_dependsOnlyOn_theJdkAndItsLibraries() {
        check(classes()
                .that(resideInAPackage(CORE))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(and(JDK, CORE, JACKSON, JWT))));
    }

    @Test
    void jwtLibrary_isSeenOnlyBy_coreJwt() {
        check(noClasses()
                .that(resideOutsideOfPackage("dev.pushy.core.jwt.."))
                .should()
                .dependOnClassesThat(resideInAPackage(JWT)));
    }

    @Test
    void jackson_inCore_isSeenOnlyByJsonAndJwt() {
        check(noClasses()
                .that(resideInAPackage(CORE).and(resideOutsideOfPackage("dev.pushy.core.jwt..")))
                .and()
                .haveNameNotMatching("dev\\.pushy\\.core\\.Json(\\$.*)?")
                .should()
                .dependOnClassesThat(resideInAPackage(JACKSON)));
    }

    @Test
    void protocol_dependsOnlyOn_coreAndJackson() {
        check(classes()
                .that(resideInAPackage(PROTOCOL))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(and(JDK, PROTOCOL, CORE, JACKSON))));
    }

    @Test
    void pusher_dependsOnlyOn_protocolCoreAndJackson() {
        check(classes()
                .that(resideInAPackage(PUSHER))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(and(JDK, PUSHER, PROTOCOL, CORE, JACKSON))));
    }

    @Test
    void http_dependsOnlyOn_undertow() {
        check(classes()
                .that(resideInAPackage(HTTP))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(and(and(JDK, UNDERTOW), HTTP))));
    }

    @Test
    void transport_dependsOnlyOn_protocolCoreAndUndertow() {
        check(classes()
                .that(resideInAPackage(TRANSPORT))
                .should()
                .onlyDependOnClassesThat(
                        resideOutsideOfPackage(PUSHY).or(resideInAnyPackage(TRANSPORT, HTTP, PROTOCOL, CORE))));
    }

    @Test
    void api_dependsOnlyOn_protocolsCoreAndUndertow() {
        check(classes()
                .that(resideInAPackage(API))
                .should()
                .onlyDependOnClassesThat(
                        resideOutsideOfPackage(PUSHY).or(resideInAnyPackage(API, PUSHER, HTTP, PROTOCOL, CORE))));
    }

    @Test
    void undertowModule_dependsOnlyOn_itselfCoreUndertowAndJackson() {
        check(classes()
                .that(resideInAPackage(ROOT + ".."))
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(and(and(JDK, UNDERTOW), "javax..", ROOT + "..", CORE, JACKSON))));
    }

    @Test
    void redis_dependsOnlyOn_coreAndJedis() {
        check(classes()
                .that(resideInAPackage(REDIS))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(and(JDK, REDIS, CORE, "redis.clients.."))));
    }

    @Test
    void server_isUsedBy_nobody() {
        check(noClasses().that(resideOutsideOfPackage(SERVER)).should().dependOnClassesThat(resideInAPackage(SERVER)));
    }

    @Test
    void packages_haveNoCycles() {
        check(slices().matching("dev.pushy.(**)").should().beFreeOfCycles());
    }

    @Test
    void names_tellWhatAThingIs() {
        check(noClasses().should().haveNameMatching(".*(Impl|Utils?|Helper|Manager)"));
    }

    @Test
    void libraries_neverSleep() {
        check(noClasses()
                .that(resideOutsideOfPackage(SERVER))
                .should()
                .callMethodWhere(target(owner(equivalentTo(Thread.class))).and(target(name("sleep")))));
    }

    @Test
    void libraries_logOnlyThrough_systemLogger() {
        check(noClasses()
                .that(resideOutsideOfPackage(SERVER))
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.util.logging..", "org.slf4j..", "ch.qos.logback..")));
        check(noClasses().that(resideOutsideOfPackage(SERVER)).should().accessField(System.class, "out"));
        check(noClasses().that(resideOutsideOfPackage(SERVER)).should().accessField(System.class, "err"));
    }

    /** Without the mark NullAway does not look at a package, and nothing else would tell. */
    @Test
    void packages_areNullMarked() {
        check(classes().should(new ArchCondition<>("be in a package marked @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                events.add(new SimpleConditionEvent(
                        type,
                        type.getPackage().isAnnotatedWith(NullMarked.class),
                        type.getPackageName() + " has no package-info.java with @NullMarked"));
            }
        }));
    }

    /** Some packages come later than their rule, hence the empty "should". */
    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(MAIN);
    }

    private static String[] and(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }
}
