"""The page of `teleai stats --html`, in a browser."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

import support
from support import FAILED, Case, environment, skip, sql

BROWSER = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


def colours_of(picture: bytes) -> set[bytes]:
    """The colours of a PNG of 8 bits a channel, as browsers write them."""
    width, height, depth, kind = struct.unpack(">IIBB", picture[16:26])
    assert depth == 8 and kind in (2, 6)
    channels = 3 if kind == 2 else 4
    data, at = b"", 8
    while at < len(picture):
        length, name = struct.unpack(">I4s", picture[at : at + 8])
        data += picture[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    raw, stride, before, found = zlib.decompress(data), width * channels, bytes(width * channels), set()
    for row in range(height):
        how, line = raw[row * (stride + 1)], bytearray(raw[row * (stride + 1) + 1 : (row + 1) * (stride + 1)])
        for i in range(stride):
            left = line[i - channels] if i >= channels else 0
            corner = before[i - channels] if i >= channels else 0
            up = before[i]
            guess = left + up - corner
            nearest = min((left, up, corner), key=lambda value: abs(guess - value))
            line[i] = (line[i] + (0, left, up, (left + up) // 2, nearest)[how]) & 255
        before = bytes(line)
        found.update(bytes(line[i : i + 3]) for i in range(0, stride, channels * 7))
    return found


class Page(Case):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.page = self.folder / "page.html"

    def browse(self, *options: str) -> str:
        if BROWSER is None:
            skip("no Chromium")
        done = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.folder}/profile",
             "--hide-scrollbars", "--window-size=600,2000", *options, self.page.as_uri()],
            capture_output=True, text=True, timeout=120, env={**environment(), "HOME": str(self.folder)},
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_page_with_charts(self) -> None:
        ann = self.add_user("ann@example.org", "<script>alert(1)</script>")
        sql(self.connection, "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, status, "
            f"duration_seconds, created_at) select '{ann}', n || '.wav', '/x', n * 1000, 'audio/wav', "
            "(array['ready', 'error', 'uploaded'])[1 + (n % 5 = 0)::int + (n % 7 = 0)::int]::audio_file_status, n, "
            "now() - n % 20 * interval '1 day' from generate_series(1, 200) n")
        said = self.call("stats", "--refresh", "--html", str(self.page), "--title", 'Calls <b> & "more"')
        self.assertIn(str(self.page), said)
        text = self.page.read_text()
        self.assertNotIn("<script", text)
        self.assertIn("Calls &lt;b&gt; &amp; &quot;more&quot;", text)
        self.assertFalse(re.search(r"(src|href)=|url\(|@import|https?://", text), "it needs something from elsewhere")
        self.assertEqual(os.stat(self.page).st_mode & 0o777, 0o666 & ~self.umask())
        self.assertEqual([file.name for file in self.folder.iterdir()], ["page.html"])
        days = self.json("stats")["days"]
        tree = self.browse("--dump-dom")
        for width in ("big", "small"):  # each chart is there for wide windows and for narrow ones
            chart = tree[tree.index(f'<svg class="{width}"') :].split("</svg>")[0]
            self.assertIn('role="img" aria-label="Uploads by day"', chart)
            bars = re.findall(r'<rect class="bar"[^>]*height="([\d.]+)"[^>]*><title>(\S+): (\d+) uploads</title>', chart)
            self.assertEqual([(day, int(count)) for _, day, count in bars],
                             [(day["date"], day["uploads"]) for day in days if day["uploads"]])
            axis = [float(label) for label in re.findall(r">([\d.]+)</text>", chart)]
            for height, _, count in bars:
                self.assertAlmostEqual(float(height) / int(count), float(bars[0][0]) / int(bars[0][2]), places=0)
                self.assertLessEqual(int(count), axis[4])
            self.assertEqual(axis, [axis[4] / 4 * line for line in range(5)])
            self.assertGreater(max(int(count) for _, _, count in bars), axis[4] / 2)
            self.assertIn(f">{days[-1]['date'][5:]}</text>", chart)
        self.assertIn("ann@example.org", tree)
        for size in ("1200,1500", "400,1500"):
            picture = self.folder / "page.png"
            self.browse(f"--screenshot={picture}", f"--window-size={size}")
            colours = colours_of(picture.read_bytes())
            for colour in ("3867d6", "ffffff", "2a9d6f"):
                self.assertIn(bytes.fromhex(colour), colours, size)

    def test_a_page_of_nothing(self) -> None:
        self.call("stats", "--html", str(self.page))
        self.assertIn("Nothing yet", self.browse("--dump-dom"))

    def test_a_page_that_cannot_be_written(self) -> None:
        self.fails("stats", "--html", "/nowhere/page.html", status=FAILED, says="No such file or directory")

    @staticmethod
    def umask() -> int:
        mask = os.umask(0)
        os.umask(mask)
        return mask


if __name__ == "__main__":
    support.main()
