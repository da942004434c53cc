"""A binding in one page: struct layouts and functions from teleai-api.json, nothing written out by hand.

python bindings/example.py libteleai.so.0 CONNECTION     creates a user and reads it back
"""

import ctypes
import json
import sys
from pathlib import Path

api = json.loads(Path(__file__).with_name("teleai-api.json").read_text(encoding="utf-8"))
SCALARS = {
    "bool": ctypes.c_bool, "char": ctypes.c_char, "double": ctypes.c_double, "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64, "size_t": ctypes.c_size_t, "teleai_status": ctypes.c_int32, "uint8_t": ctypes.c_uint8,
    "uint32_t": ctypes.c_uint32, "uint64_t": ctypes.c_uint64, "void": None, "const char *": ctypes.c_char_p,
}  # fmt: skip
structs: dict[str, type[ctypes.Structure]] = {}


def ctype(c_type: str, length: int | None = None) -> type | None:
    kind = SCALARS.get(c_type) or structs.get(c_type) or (None if c_type == "void" else ctypes.c_void_p)
    return kind if length is None or kind is None else kind * length


for struct in api["structs"]:
    fields = [(member["name"], ctype(member["type"], member.get("length"))) for member in struct["members"]]
    made = type(struct["name"], (ctypes.Structure,), {"_fields_": fields})
    assert ctypes.sizeof(made) == struct["size"]
    assert all(getattr(made, member["name"]).offset == member["offset"] for member in struct["members"])
    structs[struct["name"]] = made

library = ctypes.CDLL(sys.argv[1])
for function in api["functions"]:
    declared = getattr(library, function["name"])
    declared.restype = ctype(function["returns_type"])
    declared.argtypes = [ctype(parameter["type"]) for parameter in function["parameters"]]
ours = [int(part) for part in api["version"].split(".")]
theirs = [int(part) for part in library.teleai_version().decode().split(".")]
assert ours[:1] <= ours <= theirs < [ours[0] + 1], f"made for {ours}, found {theirs}"

error = structs["teleai_error"]()


def call(name: str, *arguments: object) -> None:
    if getattr(library, name)(*arguments, ctypes.byref(error)) != 0:
        raise RuntimeError(f"{library.teleai_status_name(error.status).decode()}: {error.message.decode()}")


client, user = ctypes.c_void_p(), ctypes.c_void_p()
call("teleai_open", sys.argv[2].encode(), None, ctypes.byref(client))
user_input = structs["teleai_user_input"]
given = user_input(struct_size=ctypes.sizeof(user_input), email=b"ann@example.org", full_name="Zoë".encode())
call("teleai_user_create", client, ctypes.byref(given), ctypes.byref(user))
record = ctypes.cast(user, ctypes.POINTER(structs["teleai_user"])).contents
print(bytes(record.id.bytes).hex(), record.full_name.decode(), record.created_at_us)  # copied out of the record here
library.teleai_user_free(user)
library.teleai_close(client)
