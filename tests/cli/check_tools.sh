#!/usr/bin/env bash
# What others read of us: models that sqlacodegen and Django make of the schema, and metrics as Prometheus' own parsers take
# them. The tools come from the package index; skipped where that is not to be reached, except in CI.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"

skip() { echo "$1"; [ -n "${CI:-}" ] && exit 1; exit 77; }
environment=$TELEAI_BUILD_DIR/tools-environment
python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || skip "needs Python 3.10 with venv (python3-venv)"
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install -q --disable-pip-version-check --no-input 'sqlacodegen==4.0.*' 'psycopg[binary]==3.*' 'django==5.2.*' \
    'prometheus_client>=0.20' || skip "pip reaches no package index"
python=$environment/bin/python

teleai local start data >/dev/null
teleai user add ann@example.org Ann --no-password -d local:data >/dev/null
export PGHOST=$work/data PGUSER=teleai PGDATABASE=teleai

# SQLAlchemy: the models are imported, their relations fit together, and they read rows.
"$environment/bin/sqlacodegen" "postgresql+psycopg:///" >models.py 2>said || complain "sqlacodegen fails"
cat >use_models.py <<'PY'
import models
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, configure_mappers

configure_mappers()
with Session(create_engine("postgresql+psycopg:///")) as session:
    user = session.scalars(select(models.Users)).one()
    print(user.email, user.tenant.slug)
    assert session.scalars(select(models.TenantUsage)).all() == []
PY
expect 0 "$python" use_models.py
says "ann@example.org default"

# Django: what inspectdb makes is imported and read with; it takes the first of two columns of a key for the key, which
# database/README.md tells.
mkdir -p site/app && touch site/app/__init__.py
cat >site/settings.py <<'PY'
import os

SECRET_KEY = "x"
INSTALLED_APPS = ["app"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "teleai", "USER": "teleai", "HOST": os.environ["PGHOST"]}
}
PY
cat >use_django.py <<'PY'
import django

django.setup()
from app import models

print([user.email for user in models.Users.objects.all()], [tenant.slug for tenant in models.Tenants.objects.all()])
print(models.TenantUsage.objects.count(), "counted")
PY
export DJANGO_SETTINGS_MODULE=settings PYTHONPATH=$work/site
"$environment/bin/django-admin" inspectdb >models_django.py 2>said || complain "inspectdb fails"
cp models_django.py site/app/models.py
expect 0 "$python" use_django.py
says "['ann@example.org'] ['default']"
says "0 counted"

# Metrics, in both formats, by the parsers that prometheus_client has.
cat >use_metrics.py <<'PY'
import ctypes
import os

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_plain
from teleai import _ffi

library = ctypes.CDLL(os.environ["TELEAI_LIBRARY"])
options = _ffi.teleai_options(struct_size=ctypes.sizeof(_ffi.teleai_options), metrics=True, slow_call_ms=1)
client, error, text, count = ctypes.c_void_p(), _ffi.teleai_error(), ctypes.c_char_p(), ctypes.c_int64()
assert library.teleai_open(b"local:data", ctypes.byref(options), ctypes.byref(client), ctypes.byref(error)) == 0, error.message
assert library.teleai_user_count(client, None, ctypes.byref(count), None) == 0


def page(form: int) -> str:
    assert library.teleai_metrics_text_as(client, form, ctypes.byref(text), None) == 0
    said = text.value.decode()
    library.teleai_text_free(text)
    return said


def families(read, form):
    found = {}
    for family in read(page(form)):
        assert family.name not in found, family.name
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
        found[family.name] = {(s.name, tuple(sorted(s.labels.items()))): s.value for s in family.samples}
    return found


plain, opened = families(read_plain, 1), families(read_open, 2)
assert set(plain) == set(opened) and len(plain) > 20, set(plain) ^ set(opened)
calls = ("teleai_calls_total", (("operation", "user_count"), ("status", "OK")))
assert plain["teleai_calls"][calls] == opened["teleai_calls"][calls] == 1
assert page(2).endswith("\n# EOF\n") and "# EOF" not in page(1)
assert library.teleai_metrics_text_as(client, 3, ctypes.byref(text), ctypes.byref(error)) != 0
library.teleai_close(client)
print(len(plain), "families")
PY
export PYTHONPATH=$source/bindings/python/src TELEAI_LIBRARY=$TELEAI_BUILD_DIR/libteleai.so
if [ -e "$TELEAI_LIBRARY" ]; then
    expect 0 "$python" use_metrics.py
    says "families"
fi
echo "$(grep -c "^class" models.py) models of SQLAlchemy, $(grep -c "^class.*Model" models_django.py) of Django"
