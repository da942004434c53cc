# Installs the Debian or Ubuntu packages that the demo or the tests need, and only what is missing. To be sourced:
#
#     teleai_packages demo|test|ci
#
# Returns 0 when everything is there. Where there is no apt, it names what is missing and returns 1.
# A PostgreSQL that is there is left alone, and installing one neither makes nor starts a system-wide server.

# Package, and how to tell that what it brings is there already, from wherever it came:
#   command:NAME   library:NAME (pkg-config)   python:MODULE   file:PATTERN   headers (the C library's)   server (PostgreSQL's programs)
TELEAI_PACKAGES_BUILD=(
    gcc=command:cc
    libc6-dev=headers
    make=command:make
    cmake=command:cmake
    pkg-config=command:pkg-config
    libpq-dev=library:libpq
    uuid-dev=library:uuid
    libjson-c-dev=library:json-c
    libsodium-dev=library:libsodium
    postgresql=server
)
TELEAI_PACKAGES_DEMO=(
    libpocketsphinx-dev=library:pocketsphinx
    libsphinxbase-dev=library:sphinxbase
    pocketsphinx-en-us=file:/usr/share/pocketsphinx/model/en-us/en-us.lm.bin
    pocketsphinx-testdata=file:/usr/share/pocketsphinx/test/data/goforward.raw
)
TELEAI_PACKAGES_TEST=(
    libcriterion-dev=library:criterion
    libavformat-dev=library:libavformat
    python3=command:python3
    python3-venv=python:ensurepip
)
# What CI adds, so that no test is skipped there: C++, clang and its tools, and npm for server binaries of other versions.
TELEAI_PACKAGES_CI=(
    g++=command:c++
    clang=command:clang
    libclang-rt-14-dev=file:/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a
    clang-format-14=command:clang-format-14
    clang-tidy=command:clang-tidy
    golang-go=command:go
    nodejs=command:node
    npm=command:npm
    pgbouncer=file:/usr/sbin/pgbouncer
    libuv1-dev=library:libuv
    chromium=command:chromium
    fonts-dejavu-core=file:/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
    mandoc=command:mandoc
    dpkg-dev=command:dpkg-shlibdeps
    lintian=command:lintian
    abigail-tools=command:abidw
    python3-pycparser=file:/usr/lib/python3/dist-packages/pycparser/__init__.py
    python3-markdown-it=file:/usr/lib/python3/dist-packages/markdown_it/__init__.py
    openssl=command:openssl
    zsh=command:zsh
    fish=command:fish
)

# The folder of PostgreSQL's server programs (initdb, postgres ...), newest version first; fails where there is none.
teleai_postgres_bindir() {
    local initdb
    for initdb in $(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -rV) "$(command -v initdb)" \
        "$(command -v pg_config >/dev/null && pg_config --bindir)/initdb"; do
        if [ -x "$initdb" ]; then
            dirname "$initdb"
            return 0
        fi
    done
    return 1
}

# The server and the extensions that the schema uses. Debian's server package holds both.
_teleai_has_server() {
    local bindir sharedir version
    bindir=$(teleai_postgres_bindir) || return 1
    version=$(basename "$(dirname "$bindir")")
    for sharedir in "/usr/share/postgresql/$version" "$("$bindir/pg_config" --sharedir 2>/dev/null)" \
        "$(pg_config --sharedir 2>/dev/null)"; do
        [ -e "$sharedir/extension/uuid-ossp.control" ] && [ -e "$sharedir/extension/pgcrypto.control" ] && return 0
    done
    return 1
}

_teleai_has() {
    case $1 in
        command:*) command -v "${1#command:}" >/dev/null ;;
        library:*) pkg-config --exists "${1#library:}" 2>/dev/null ;;
        python:*) python3 -c "import ${1#python:}" 2>/dev/null ;;
        file:*) compgen -G "${1#file:}" >/dev/null ;;
        headers) command -v cc >/dev/null && echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1 ;;
        server) _teleai_has_server ;;
    esac
}

_teleai_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# apt-get, quiet unless it fails.
_teleai_apt() {
    local log status=0
    log=$(mktemp)
    _teleai_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" \
        >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" != 0 ]; then
        echo "apt-get $1 failed:" >&2
        tail -n 15 "$log" >&2
    fi
    rm -f "$log"
    return "$status"
}

# The packages among $@ that no configured archive offers.
_teleai_unavailable() {
    local package
    for package in "$@"; do
        case $(LC_ALL=C apt-cache policy "$package" 2>/dev/null) in
            *"  Candidate: "[!\(]*) ;;
            *) echo "$package" ;;
        esac
    done
}

# Installs packages, PostgreSQL's without the server "main" that Debian would otherwise make and start with it. That is
# said in a file of our own which is taken away afterwards: nobody's configuration is edited, and later installations by
# hand are as ever.
_teleai_install() (
    drop_in=/etc/postgresql-common/createcluster.d/zz-teleai.conf
    trap '_teleai_root rm -f "$drop_in"' EXIT
    _teleai_root mkdir -p "${drop_in%/*}"
    echo 'create_main_cluster = false' | _teleai_root tee "$drop_in" >/dev/null
    _teleai_apt install --no-install-recommends "$@"
)

teleai_packages() {
    local purpose=$1 entry missing=() unavailable
    local wanted=("${TELEAI_PACKAGES_BUILD[@]}")
    case $purpose in
        demo) wanted+=("${TELEAI_PACKAGES_DEMO[@]}") ;;
        test) wanted+=("${TELEAI_PACKAGES_TEST[@]}") ;;
        ci) wanted+=("${TELEAI_PACKAGES_DEMO[@]}" "${TELEAI_PACKAGES_TEST[@]}" "${TELEAI_PACKAGES_CI[@]}") ;;
        *)
            echo "teleai_packages: demo, test or ci?" >&2
            return 1
            ;;
    esac
    for entry in "${wanted[@]}"; do
        _teleai_has "${entry#*=}" || missing+=("${entry%%=*}")
    done
    [ ${#missing[@]} = 0 ] && return 0

    if ! command -v apt-get >/dev/null; then
        echo "Please install, under whatever name your system has them: ${missing[*]}" >&2
        return 1
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        echo "Please run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
        return 1
    fi
    echo "Installing ${missing[*]} (apt; no PostgreSQL server is set up or started)"
    if [ -n "$(_teleai_unavailable "${missing[@]}")" ]; then
        _teleai_apt update || return 1
        unavailable=$(_teleai_unavailable "${missing[@]}")
        if [ -n "$unavailable" ]; then
            echo "Not offered by this system's archives: ${unavailable//$'\n'/ }" >&2
            echo "(on Ubuntu, pocketsphinx and criterion are in the component \"universe\")" >&2
            return 1
        fi
    fi
    # Old package lists name files that the archive no longer has: look again once.
    _teleai_install "${missing[@]}" 2>/dev/null ||
        { _teleai_apt update && _teleai_install "${missing[@]}"; } || return 1
    for entry in "${wanted[@]}"; do
        if ! _teleai_has "${entry#*=}"; then
            echo "${entry%%=*} was installed, but what it should bring (${entry#*=}) is not found" >&2
            return 1
        fi
    done
}
