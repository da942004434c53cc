"""Makes whole WAV files in the folder made/, and prints the length of each: a line with its name and milliseconds."""

import os
import struct


def chunk(tag: bytes, data: bytes, padded: bool = True) -> bytes:
    return tag + struct.pack("<I", len(data)) + data + (b"\0" * (len(data) & 1) if padded else b"")


def wav(*chunks: bytes, size: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def form(tag: int = 1, channels: int = 1, rate: int = 16000, bits: int = 16, block: int = 0, more: bytes = b"") -> bytes:
    block = block or channels * bits // 8
    per_second = 1625 if tag == 0x31 else rate * block
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, per_second, block, bits) + more)


def put(name: str, data: bytes, ms: int) -> None:
    with open(f"made/{name}.wav", "wb") as file:
        file.write(data)
    print(name, ms)


def sound(size: int) -> bytes:
    """Some that no other file has."""
    return os.urandom(size)


os.makedirs("made")
PLAIN = form()
UNKNOWN = 0xFFFFFFFF

# Chunks of every size before and after the sound, at every length of that; silent ones too.
for length in (0, 1, 2, 3, 32, 319, 16001, 160000):
    for other in (0, 1, 2, 3, 8, 1001, 300000):
        ms = length // 2 * 1000 // 16000
        rest = [chunk(b"LIST", sound(other)), chunk(b"bext", sound(other)), chunk(b"id3 ", sound(9 + other))]
        put(f"before-{length}-{other}", wav(*rest, PLAIN, chunk(b"data", sound(length))), ms)
        put(f"after-{length}-{other}", wav(PLAIN, chunk(b"data", sound(length)), *rest), ms)
        put(f"silent-{length}-{other}", wav(PLAIN, chunk(b"data", bytes(length)), *rest), ms)
        put(f"unpadded-{length}-{other}", wav(PLAIN, chunk(b"data", sound(length), False), chunk(b"LIST", sound(99 + other), False)), ms)

# Codings of telephony and of studios.
FACT = chunk(b"fact", struct.pack("<I", 31900))
GUID = struct.pack("<HHI", 22, 24, 3) + bytes.fromhex("0100000000001000800000aa00389b71")
put("alaw", wav(form(6, 1, 8000, 8), chunk(b"data", sound(40001))), 5000)
put("mulaw", wav(form(7, 1, 8000, 8, more=b"\0\0"), chunk(b"fact", struct.pack("<I", 40001)), chunk(b"data", sound(40001))), 5000)
put("float", wav(form(3, 2, 48000, 32), chunk(b"data", sound(48000 * 8))), 1000)
put("extensible", wav(form(0xFFFE, 2, 48000, 24, more=GUID), chunk(b"data", sound(48000 * 6))), 1000)
put("eight", wav(form(1, 1, 11025, 8), chunk(b"data", sound(11025))), 1000)
gsm = form(0x31, 1, 8000, 0, 65, struct.pack("<HH", 2, 320))
put("gsm", wav(gsm, FACT, chunk(b"data", sound(65 * 100)), chunk(b"LIST", sound(3001))), 31900 * 1000 // 8000)
put("gsm-without-fact", wav(gsm, chunk(b"data", sound(65 * 25))), 1000)
put("gsm-odd", wav(gsm, chunk(b"data", sound(65 * 25 + 30))), 1000)
put("adpcm", wav(form(0x11, 1, 8000, 4, 256, struct.pack("<HH", 2, 505)), chunk(b"data", sound(256 * 16))), 505 * 16 * 1000 // 8000)

# Sizes of 64 bits.
SIZES = chunk(b"ds64", struct.pack("<QQQI", 0, 160000, 80000, 0))
for name in (b"RF64", b"BW64"):
    large = name + struct.pack("<I", UNKNOWN) + b"WAVE" + SIZES + PLAIN + b"data" + struct.pack("<I", UNKNOWN)
    put(name.decode().lower(), large + sound(160000) + chunk(b"axml", sound(50001)), 5000)
big = b"WAVEfmt " + struct.pack(">IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16) + b"data" + struct.pack(">I", 32000) + sound(32000)
put("rifx", b"RIFX" + struct.pack(">I", len(big)) + big, 1000)

# Headers of programs that could not go back to them, or had no time to; what is there counts.
put("streamed", wav(PLAIN, b"data" + struct.pack("<I", UNKNOWN) + sound(160000), size=UNKNOWN), 5000)
put("told-stale", wav(PLAIN, b"data" + struct.pack("<I", 32000) + sound(160000), size=32036), 5000)
put("told-never-written", wav(PLAIN, b"data" + struct.pack("<I", 0) + sound(160000), size=36), 5000)
put("filled-up", wav(PLAIN, b"data" + struct.pack("<I", 32000) + sound(32000) + bytes(65536), size=32036), 1000)
