# Other people's programs that are tried on our files, from where their makers publish them. To be sourced. They are kept in
# the user's cache; each function prints a path, or fails where the program cannot be had.

teleai_tools_cache() {
    local cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/teleai
    mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || { cache=$TELEAI_BUILD_DIR/cache; mkdir -p "$cache"; }
    echo "$cache"
}

# Without it the test is skipped; in CI, where what makes it is there, it fails.
teleai_tool_lacks() { # program, what makes it
    echo "$1 is not to be had: it needs $2, and the network once" >&2
    [ -z "${CI:-}" ] || ! command -v "$2" >/dev/null || exit 1
    exit 77
}

# golang-migrate's command, built by Go from its module.
teleai_golang_migrate() {
    local version=v4.19.0 place
    command -v go >/dev/null || return 1
    place=$(teleai_tools_cache)/golang-migrate-$version
    if [ ! -x "$place/migrate" ]; then
        mkdir -p "$place.$$"
        (cd "$place.$$" && GOBIN=$place.$$ GOFLAGS=-mod=mod go install -tags postgres \
            "github.com/golang-migrate/migrate/v4/cmd/migrate@$version") >"$place.log" 2>&1 ||
            { tail -n 5 "$place.log" >&2; rm -rf "$place.$$"; return 1; }
        mkdir -p "$place" && mv "$place.$$/migrate" "$place/migrate" && rm -rf "$place.$$"
    fi
    echo "$place/migrate"
}

# A folder with the jars of a program and all they need, resolved by Maven.
teleai_jars() { # name, group:artifact:version...
    local name=$1 place project each group artifact version
    shift
    command -v mvn >/dev/null && command -v java >/dev/null || return 1
    place=$(teleai_tools_cache)/$name-$(echo "$*" | cksum | cut -d ' ' -f 1)
    if [ ! -e "$place/complete" ]; then
        project=$(mktemp -d /tmp/teleai-jars.XXXXXX)
        {
            echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            echo '<groupId>teleai</groupId><artifactId>tools</artifactId><version>1</version><dependencies>'
            for each in "$@"; do
                IFS=: read -r group artifact version <<<"$each"
                echo "<dependency><groupId>$group</groupId><artifactId>$artifact</artifactId><version>$version</version></dependency>"
            done
            echo '</dependencies></project>'
        } >"$project/pom.xml"
        mvn -q -B -f "$project/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
            -DincludeScope=runtime -DoutputDirectory="$project/jars" >"$project/log" 2>&1 ||
            { tail -n 5 "$project/log" >&2; rm -rf "$project"; return 1; }
        mkdir -p "$place" && cp "$project"/jars/*.jar "$place/" && touch "$place/complete"
        rm -rf "$project"
    fi
    echo "$place"
}

teleai_flyway() {
    teleai_jars flyway org.flywaydb:flyway-commandline:11.8.2 org.flywaydb:flyway-database-postgresql:11.8.2 \
        com.fasterxml.jackson.dataformat:jackson-dataformat-toml:2.15.2 \
        com.fasterxml.jackson.dataformat:jackson-dataformat-xml:2.15.2 org.postgresql:postgresql:42.7.5
}

teleai_liquibase() {
    teleai_jars liquibase org.liquibase:liquibase-core:4.33.0 info.picocli:picocli:4.7.7 org.postgresql:postgresql:42.7.5
}

# A wheel of PyPI.
teleai_wheel() { # name, version
    local cache wheel
    cache=$(teleai_tools_cache)
    wheel=$(ls "$cache/${1//-/_}-$2"-*.whl 2>/dev/null | head -n 1)
    if [ -z "$wheel" ]; then
        command -v pip3 >/dev/null && pip3 download -q --disable-pip-version-check --no-deps -d "$cache" "$1==$2" >&2 || return 1
        wheel=$(ls "$cache/${1//-/_}-$2"-*.whl | head -n 1)
    fi
    echo "$wheel"
}
