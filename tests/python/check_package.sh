#!/usr/bin/env bash
# The Python package, installed by pip in an environment of its own: mypy, ruff, and its tests. Skipped where there is no
# Python 3.10 or no package index, except in CI.
set -euo pipefail
skip() { echo "$1"; [ -n "${CI:-}" ] && exit 1; exit 77; }
package=$TELEAI_SOURCE_DIR/bindings/python
environment=$TELEAI_BUILD_DIR/python-environment
python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    skip "needs Python 3.10 with venv (python3-venv)"
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
copy=$TELEAI_BUILD_DIR/python-source # pip leaves things in the folder that it builds in
rm -rf "$copy" && mkdir -p "$copy/bindings" && cp -r "$package" "$copy/bindings/python"
"$environment/bin/pip" install -q --disable-pip-version-check --no-input -r "$package/tests/requirements.txt" ||
    skip "pip reaches no package index"
cd "$copy"
PATH=$environment/bin:$PATH
pip install ./bindings/python -q --disable-pip-version-check --no-input --no-deps --force-reinstall
cd bindings/python
export TELEAI_LIBRARY=$TELEAI_BUILD_DIR/libteleai.so
"$environment/bin/ruff" format --check --quiet .
"$environment/bin/ruff" check --quiet .
"$environment/bin/ruff" check --quiet --config pyproject.toml "$TELEAI_SOURCE_DIR"/examples/*.py
"$environment/bin/ruff" format --check --quiet --config pyproject.toml "$TELEAI_SOURCE_DIR"/bindings/{,go/,node/}*.py
"$environment/bin/ruff" check --quiet --config pyproject.toml "$TELEAI_SOURCE_DIR"/bindings/{,go/,node/}*.py
export MYPYPATH=$TELEAI_SOURCE_DIR/bindings # where api.py is
"$environment/bin/mypy" --strict
"$environment/bin/mypy" --strict "$TELEAI_SOURCE_DIR"/examples/*.py
for script in api generate example go/generate node/generate; do
    "$environment/bin/mypy" --strict --ignore-missing-imports "$TELEAI_SOURCE_DIR/bindings/$script.py"
done
"$environment/bin/pytest" tests

# The examples, as they are printed; the first one twice, since it finds what it made before.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
for example in quickstart quickstart web; do
    "$environment/bin/python" "$TELEAI_SOURCE_DIR/examples/$example.py" >"$example.out"
done
grep -q '^ward-round.wav: .*\[heart\] \[rate\]' quickstart.out
grep -q '^Ann Example: 2 files, 2 of them' web.out
