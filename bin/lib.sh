# What the scripts beside this file share: finding and installing what they need. Sourced, not run.

PUSHY_HOME=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$@"
    exit 1
}

# version_of TEXT: the first number with dots in it or alone, such as 17.0.15 or 3.8.7.
version_of() { [[ $1 =~ ([0-9]+(\.[0-9]+)*) ]] && printf '%s\n' "${BASH_REMATCH[1]}"; }

# at_least HAVE WANT: compares versions number by number.
at_least() {
    local -a have want
    local i
    IFS=. read -ra have <<<"$1"
    IFS=. read -ra want <<<"$2"
    for i in "${!want[@]}"; do
        if ((10#${have[i]:-0} != 10#${want[i]})); then
            ((10#${have[i]:-0} > 10#${want[i]}))
            return
        fi
    done
}

# ---- JDKs

# jdk_major DIR: 17 for a JDK 17; fails if there is no JDK in DIR.
jdk_major() {
    local line
    [ -n "$1" ] && [ -x "$1/bin/javac" ] || return 1
    if [ -r "$1/release" ] && line=$(grep -m 1 '^JAVA_VERSION=' "$1/release"); then
        line=$(version_of "$line")
    else
        line=$(version_of "$("$1/bin/javac" -version 2>&1)")
    fi
    printf '%s\n' "${line%%.*}"
}

# jdk_candidates: folders that may be JDKs, the preferred first.
jdk_candidates() {
    local name found dir
    printf '%s\n' "${JAVA_HOME:-}"
    if found=$(command -v javac); then
        dirname -- "$(dirname -- "$(readlink -f -- "$found")")"
    fi
    for name in $(compgen -v JAVA_HOME_ || true); do
        printf '%s\n' "${!name}"
    done
    for dir in /usr/lib/jvm/* /usr/java/* /opt/*jdk* /opt/*java* /Library/Java/JavaVirtualMachines/*/Contents/Home \
        "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/*; do
        printf '%s\n' "$dir"
    done
}

# find_jdk LOW HIGH: the first candidate whose major version is within the two.
find_jdk() {
    local dir major
    while IFS= read -r dir; do
        if major=$(jdk_major "$dir") && ((major >= $1 && major <= $2)); then
            (cd -- "$dir" && pwd -P)
            return
        fi
    done < <(jdk_candidates)
    return 1
}

# use_jdk DIR: makes it the JDK of everything that is started from here on.
use_jdk() {
    export JAVA_HOME=$1
    export PATH=$JAVA_HOME/bin:$PATH
}

# ---- Is it there? Each has_* succeeds silently or fails.

has_jdk() { find_jdk 17 999 >/dev/null; }

has_maven() {
    command -v mvn >/dev/null && at_least "$(version_of "$(mvn -B -v </dev/null 2>/dev/null | grep -o 'Apache Maven [0-9.]*')")" 3.8.1
}

has_curl() { command -v curl >/dev/null; }

has_node() {
    command -v npm >/dev/null && command -v node >/dev/null && at_least "$(version_of "$(node --version 2>/dev/null)")" 18
}

has_redis() {
    command -v redis-server >/dev/null && at_least "$(version_of "$(redis-server --version 2>/dev/null | grep -o 'v=[0-9.]*')")" 7
}

has_chromium() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then
            return
        fi
    done
    return 1
}

has_c_compiler() { command -v make >/dev/null && command -v cc >/dev/null; }

has_python() { command -v python3 >/dev/null && at_least "$(version_of "$(python3 --version 2>/dev/null)")" 3.11; }

has_nchan() { command -v nginx >/dev/null && [ -e /usr/lib/nginx/modules/ngx_nchan_module.so ]; }

# ---- The server's jar

# Prints the newest executable jar, of a full build or of a quick one, or nothing if there is none.
server_jar() {
    local jar newest=
    for jar in "$PUSHY_HOME"/pushy-server/target/{,quick/}pushy-server-*-all.jar; do
        if [ -f "$jar" ] && { [ -z "$newest" ] || [ "$jar" -nt "$newest" ]; }; then newest=$jar; fi
    done
    printf '%s\n' "$newest"
}

# Builds the jar if it is missing or older than the sources.
build_server_if_stale() {
    local jar
    jar=$(server_jar)
    if [ -n "$jar" ] && [ -z "$(cd -- "$PUSHY_HOME" && find pom.xml pushy-*/pom.xml pushy-*/src/main -newer "$jar" -print -quit)" ]; then
        return
    fi
    require jdk maven
    say "Building the server ..."
    (cd -- "$PUSHY_HOME" && mvn -B -q -ntp -Pquick -pl pushy-server -am package </dev/null >&2)
    [ -f "$(server_jar)" ] || fail "The build made no pushy-server/target/quick/pushy-server-*-all.jar"
}

# ---- What to install when it is not

# describe THING: what a person is asked to install.
describe() {
    case $1 in
        jdk) echo "a JDK, 17 or newer (set JAVA_HOME or put javac on the PATH)" ;;
        maven) echo "Apache Maven, 3.8.1 or newer (mvn on the PATH; https://maven.apache.org)" ;;
        curl) echo "curl" ;;
        node) echo "Node.js, 18 or newer, with npm (https://nodejs.org)" ;;
        redis) echo "Redis, 7 or newer (redis-server on the PATH; https://redis.io)" ;;
        c_compiler) echo "make and a C compiler (cc on the PATH)" ;;
        python) echo "Python, 3.11 or newer (python3 on the PATH)" ;;
        nchan) echo "nginx with the nchan module in /usr/lib/nginx/modules (Debian: libnginx-mod-nchan)" ;;
        chromium) echo "Chromium or Chrome (chromium, chromium-browser or google-chrome on the PATH)" ;;
    esac
}

# packages_of THING: its package names in Debian and Ubuntu, of which the first that exists is taken; ordered by wish.
packages_of() {
    case $1 in
        jdk) echo "openjdk-17-jdk-headless openjdk-21-jdk-headless openjdk-25-jdk-headless default-jdk-headless" ;;
        maven) echo "maven" ;;
        curl) echo "curl" ;;
        node) echo "npm" ;; # brings nodejs
        redis) echo "redis-server" ;;
        c_compiler) echo "build-essential" ;;
        python) echo "python3" ;;
        nchan) echo "libnginx-mod-nchan" ;; # brings nginx
        chromium) echo "chromium chromium-browser" ;;
    esac
}

# Sets SUDO to what apt-get must be started with; fails where we cannot or may not install.
may_install() {
    local like
    SUDO=()
    [ -r /etc/os-release ] || return 1
    like=$(. /etc/os-release && echo " ${ID:-} ${ID_LIKE:-} ")
    [[ $like == *" debian "* || $like == *" ubuntu "* ]] || return 1
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] && return
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    SUDO=(sudo -n)
}

# require THING ...: installs what is missing, or stops and says what to install.
require() {
    local thing
    local -a missing=()
    for thing in "$@"; do
        "has_$thing" || missing+=("$thing")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        if may_install; then
            install_packages "${missing[@]}"
        fi
        must_have "${missing[@]}"
    fi
    case " $* " in *" jdk "*) use_jdk "$(find_jdk 17 999)" ;; esac
}

# install_packages THING ...: from the distribution's packages, as far as it has them.
install_packages() {
    local thing name
    local -a packages=()
    say "Installing what is missing: $*"
    "${SUDO[@]}" apt-get update -qq </dev/null >&2 || say "apt-get update failed; going on with the lists at hand"
    for thing in "$@"; do
        for name in $(packages_of "$thing"); do
            if apt-cache show "$name" >/dev/null 2>&1; then
                packages+=("$name")
                break
            fi
        done
    done
    if [ ${#packages[@]} -gt 0 ]; then
        "${SUDO[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "${packages[@]}" </dev/null >&2 || say "apt-get install failed"
        hash -r
    fi
}

# must_have THING ...: stops if one is (still) missing, naming each.
must_have() {
    local thing list=
    for thing in "$@"; do
        "has_$thing" || list+=$'\n'"  - $(describe "$thing")"
    done
    [ -z "$list" ] || fail "Please install, then run this again:$list"
}
