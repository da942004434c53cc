#!/usr/bin/env bash
# cpack makes the Debian packages: lintian has no errors and no warnings, what belongs in each is in it, their control
# files name each other and the libraries, and programs are built against them. check_readme.sh installs and uses them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if grep -q '^TELEAI_SANITIZE:STRING=.' "$TELEAI_BUILD_DIR/CMakeCache.txt"; then echo "not for sanitizer builds"; exit 77; fi
for tool in dpkg-deb dpkg-shlibdeps dpkg-buildflags lintian python3; do
    command -v "$tool" >/dev/null || { echo "no $tool"; [ -z "${CI:-}" ] || exit 1; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
complain() { echo "$@"; bad=1; }

# As a Debian build sets them.
eval "$(dpkg-buildflags --export=sh)"
quietly() { "$@" >"$work/log" 2>&1 || { tail -n 40 "$work/log"; exit 1; }; }
umask 027 # permissions in the packages are not the builder's
quietly cmake -S "$TELEAI_SOURCE_DIR" -B "$work/build" -DCMAKE_BUILD_TYPE=None
quietly cmake --build "$work/build" -j2 --target package
mkdir "$work/debs" "$work/root"
cp "$work"/build/packages/*.deb "$work/debs"
cd "$work/debs"
deb() { echo "$work/debs/$1"_*.deb; }
field() { dpkg-deb -f "$(deb "$1")" "$2"; }
ls

lintian --allow-root --fail-on error,warning ./*.deb >"$work/lintian" 2>&1 || complain "$(cat "$work/lintian")"

# What is in each.
for package in ./*.deb; do dpkg-deb -c "$package" >"$work/$(dpkg-deb -f "$package" Package).list"; done
has() { grep -qE " \./$2( -> .*)?$" "$work/$1.list" || complain "$1 has no $2"; }
has libteleai0 'usr/lib/[^/]+/libteleai\.so\.0'
has libteleai-dev 'usr/lib/[^/]+/libteleai\.so'
has libteleai-dev 'usr/lib/[^/]+/libteleai\.a'
has libteleai-dev 'usr/lib/[^/]+/pkgconfig/teleai\.pc'
has libteleai-dev 'usr/lib/[^/]+/cmake/teleai/teleai-config\.cmake'
has libteleai-dev usr/include/teleai.h
has libteleai-dev usr/include/teleai/user.h
has libteleai-dev usr/share/teleai/migrations/001_create_initial_tables.up.sql
has libteleai-dev usr/share/teleai/teleai-api.json
has libteleai-dev usr/share/man/man3/teleai.3.gz
has libteleai-dev usr/share/man/man3/teleai_user_create.3.gz
has teleai-doc usr/share/doc/teleai/html/index.html
has teleai-doc usr/share/doc/teleai/examples/quickstart.c
if [ -d "$TELEAI_SOURCE_DIR/src/cli" ]; then
    has teleai usr/bin/teleai
    has teleai usr/share/man/man1/teleai.1.gz
fi
for package in ./*.deb; do
    name=$(dpkg-deb -f "$package" Package)
    for file in copyright changelog.Debian.gz changelog.gz; do has "$name" "usr/share/doc/$name/$file"; done
    for key in Maintainer Section Priority Description Version Source; do
        [ -n "$(dpkg-deb -f "$package" $key)" ] || complain "$name has no $key"
    done
    [ "$(dpkg-deb -f "$package" Description | wc -l)" -ge 4 ] || complain "$name is hardly described"
    dpkg-deb -I "$package" md5sums >/dev/null || complain "$name has no md5sums"
    ! grep -vE '^(-rw-r--r--|-rwxr-xr-x|drwxr-xr-x|lrwxrwxrwx) root/root ' "$work/$name.list" ||
        complain "$name has files of others, or with permissions of their own"
done
version=$(field libteleai0 Version)
[[ $(field libteleai-dev Depends) == *"libteleai0 (= $version)"* ]] || complain "libteleai-dev goes with any libteleai0"
for library in libpq5 libjson-c5 libsodium23 libuuid1 libc6; do
    [[ $(field libteleai0 Depends) == *"$library"* ]] || complain "libteleai0 does not depend on $library"
done
for part in shlibs symbols triggers; do dpkg-deb -I "$(deb libteleai0)" $part >"$work/$part"; done
grep -q '^activate-noawait ldconfig$' "$work/triggers" || complain "no trigger for ldconfig"
diff <(sed -nE 's/^ (teleai_\w+)@.*/\1/p' "$work/symbols") "$TELEAI_SOURCE_DIR/tests/abi/symbols.txt" ||
    complain "the symbols file is not tests/abi/symbols.txt"

# Together: built against.
twice=$(awk '$1 !~ /^d/ {print $6}' "$work"/*.list | sort | uniq -d)
[ -z "$twice" ] || complain "in two packages: $twice"
for package in ./*.deb; do dpkg-deb -x "$package" "$work/root"; done
pc=$(find "$work/root" -name teleai.pc)
export PKG_CONFIG_PATH=${pc%/*}
cc=${CC:-cc}
"$cc" "$here/stranger.c" -o "$work/shared" $(pkg-config --cflags --libs teleai)
! readelf -d "$work/shared" "$work/root/usr/bin/teleai" | grep -iE 'rpath|runpath' || complain "packages have paths of their own"
"$cc" "$here/stranger.c" -o "$work/static" $(pkg-config --cflags --libs teleai-static) && "$work/static" >/dev/null
quietly cmake -S "$here" -B "$work/stranger" -DCMAKE_PREFIX_PATH="$work/root/usr"
quietly cmake --build "$work/stranger"
"$work/stranger/stranger_c" >/dev/null

# What dpkg-shlibdeps makes of a program that is linked with the library.
mkdir -p "$work/debian"
printf 'Source: stranger\nPackage: stranger\n' >"$work/debian/control"
cp "$work/shlibs" "$work/debian/shlibs.local"
needs=$(cd "$work" && dpkg-shlibdeps -O -l"${pc%/pkgconfig/*}" shared 2>/dev/null)
[[ $needs == *"libteleai0 (>= "* ]] || complain "a program that needs the library depends on: $needs"

# Installing, taking away.
if [ "$(id -u)" = 0 ] || command -v fakeroot >/dev/null; then
    admin=$work/dpkg
    mkdir -p "$admin/updates" "$admin/info"
    : >"$admin/status"
    run=(); [ "$(id -u)" = 0 ] || run=(fakeroot)
    dpkg=("${run[@]}" dpkg --root="$work/installed" --admindir="$admin" --log=/dev/null --force-depends --no-triggers)
    mkdir -p "$work/installed"
    "${dpkg[@]}" -i ./*.deb >"$work/log" 2>&1 || { cat "$work/log"; complain "dpkg does not install them"; }
    [ "$(dpkg-query --admindir="$admin" -W -f '${db:Status-Status}\n' | grep -cE 'installed|triggers')" = "$(ls ./*.deb | wc -l)" ] ||
        complain "not all are installed: $(dpkg-query --admindir="$admin" -W -f '${Package} ${db:Status-Status}\n')"
    "${dpkg[@]}" --purge $(for package in ./*.deb; do dpkg-deb -f "$package" Package; done) >"$work/log" 2>&1 || { cat "$work/log"; complain "not taken away"; }
    left=$(find "$work/installed" -type f)
    [ -z "$left" ] || complain "left behind: $left"
fi
[ "$bad" = 0 ] && echo "$(ls ./*.deb | wc -l) packages of $version"
exit "$bad"
