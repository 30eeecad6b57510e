# Builds the server from source and runs it as a user without rights. No secret is in the image: give them at run time.
#   docker build -t pushy .
#   docker run -p 4000:4000 -e AUTH_SECRET_KEY -e PUBLISHER_CLIENT_ID -e PUBLISHER_CLIENT_SECRET pushy

FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
# The tests run before an image is made (bin/check), not in it.
RUN --mount=type=cache,target=/var/cache/maven \
    mvn -B -q -ntp -Dmaven.repo.local=/var/cache/maven -Pquick -pl pushy-server -am package \
    && find pushy-server/target -name 'pushy-server-*-all.jar' -exec cp {} /pushy.jar \;

# Java 25 for its smaller object headers: less memory for each connection.
FROM eclipse-temurin:25-jre
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin pushy
WORKDIR /app
COPY --from=build /pushy.jar pushy.jar
USER 10001
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", "pushy.jar", "health"]
ENTRYPOINT ["java", "-XX:+UseCompactObjectHeaders", "-XX:MaxRAMPercentage=75", "-jar", "pushy.jar"]
CMD ["start"]
