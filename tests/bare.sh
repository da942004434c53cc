#!/usr/bin/env bash
# The README's two commands as a user has them: on a bare Debian 12, with nothing installed but git, and CI unset or set to
# nothing. To be run before each release, as root, in the checkout; it takes what is committed.
#   bash tests/bare.sh                        both commands, CI unset, then the tests with CI set to nothing
#   bash tests/bare.sh 'bash examples/demo.sh'      that command, once, with CI unset
# The bare system is made once by debootstrap, kept in the user's cache, and copied for each run. It reaches packages as
# this machine does: apt's sources and settings, certificates, pip's and npm's settings are copied. Where it cannot be
# made it is skipped (exit code 77).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
release=bookworm
skip() { echo "skipped: $1"; exit 77; }
[ "$(id -u)" = 0 ] || skip "not root"
command -v debootstrap >/dev/null || skip "no debootstrap (apt-get install debootstrap)"
unshare --mount --pid --fork true 2>/dev/null || skip "no namespaces are allowed here"
git rev-parse HEAD >/dev/null 2>&1 || skip "not a checkout of git"

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/teleai
base=$cache/$release
mkdir -p "$cache"
# What this machine's own apt has for Debian; its settings come along.
mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 2>/dev/null | awk -v release=$release '$2 == release { print $1; exit }')
copy() { # FILE...: to the same place in there
    local file
    for file in "$@"; do
        [ ! -e "$file" ] || { mkdir -p "$base.part$(dirname "$file")" && cp -rL "$file" "$base.part$(dirname "$file")/"; }
    done
}
if [ ! -e "$base/ready" ]; then
    echo "making a bare system in $base (a minute or two, once)"
    rm -rf "$base" "$base.part"
    debootstrap --variant=minbase --include=ca-certificates,git "$release" "$base.part" ${mirror:+"$mirror"} \
        >"$cache/$release.log" 2>&1 || { tail -n 3 "$cache/$release.log"; rm -rf "$base.part"; skip "debootstrap reaches no mirror"; }
    if [ -n "$mirror" ]; then # of this very release
        rm -rf "$base.part"/etc/apt/sources.list{,.d}
        copy /etc/apt/sources.list /etc/apt/sources.list.d
    fi
    for setting in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do # but for those that run programs of this machine
        [ ! -f "$setting" ] || grep -q Invoke "$setting" || copy "$setting"
    done
    copy /etc/apt/keyrings /etc/apt/trusted.gpg.d /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates \
        /etc/pip.conf "${HOME:-/root}/.config/pip" "${HOME:-/root}/.npmrc" /etc/npmrc
    touch "$base.part/ready"
    mv "$base.part" "$base"
fi

# CI, COMMAND: in a copy of it, with mounts and processes that end with it. CI: "unset", or what it is set to.
in_bare() {
    local ci=$1 command=$2 name root status=0 settings=()
    root=$(mktemp -d /var/tmp/teleai-bare.XXXXXX)
    cp -a "$base/." "$root/"
    chmod 755 "$root"
    git clone -q --no-hardlinks . "$root/root/teleai"
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
    while IFS= read -r name; do
        settings+=("$name=${!name}")
    done < <(compgen -e | grep -iE '^(pip_.*|npm_config_.*|.*_proxy|ssl_cert_.*|requests_ca_bundle|node_extra_ca_certs|goproxy|gosumdb|gonosumdb)$' || true)
    [ "$ci" = unset ] || settings+=("CI=$ci")
    echo "== $command  (CI ${ci:-set to nothing})"
    unshare --mount --pid --ipc --uts --fork --kill-child bash -c '
        root=$1 command=$2
        shift 2
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        hostname bare
        exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb \
            "$@" chroot "$root" bash -c "cd /root/teleai && $command"
    ' bare "$root" "$command" "${settings[@]}" </dev/null || status=$?
    rm -rf "$root"
    return "$status"
}

if [ $# -gt 0 ]; then
    in_bare unset "$*"
    exit
fi
failed=0
in_bare unset "bash examples/demo.sh" || failed=1
in_bare unset "bash tests/run.sh" || failed=1
in_bare "" "bash tests/run.sh" || failed=1
[ "$failed" = 0 ] && echo "a bare $release does all of it"
exit "$failed"
