"""The page of `teleai stats --html`, in a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path
from urllib.parse import unquote

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
            self.assertIn('role="img" aria-label="Ready files by day of upload"', chart)
            bars = re.findall(r'<rect class="bar"[^>]*height="([\d.]+)"[^>]*><title>(\S+): (\d+) ready files</title>', chart)
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

    def measure(self, pages: list[str], widths: tuple[int, ...], dark: bool) -> list[list[dict]]:
        """What is in each page at each width, and how wide it is: a script beside the page tells, in a frame of that width."""
        script = """<script>
            const found = [document.documentElement, ...document.querySelectorAll('.tile,.tile b,.tile span,.card,table,th,td,h1,h2,.key')]
                .map(e => ({what: e.tagName + '.' + e.className, text: e.textContent.slice(0, 60), scroll: e.scrollWidth,
                            client: e.clientWidth, left: e.getBoundingClientRect().left, right: e.getBoundingClientRect().right,
                            inner: innerWidth, page: getComputedStyle(document.body).backgroundColor,
                            inside: e.parentElement ? e.parentElement.getBoundingClientRect().right : innerWidth}));
            parent.postMessage({place: PLACE, found: found}, '*');
            </script>"""
        frames = []
        for text in pages:
            for width in widths:
                place = len(frames)
                (self.folder / f"{place}.html").write_text(text.replace("</body>", script.replace("PLACE", str(place)) + "</body>"))
                frames.append(f'<iframe src="{place}.html" style="border:0;width:{width}px;height:1500px"></iframe>')
        frame = self.folder / "frame.html"
        frame.write_text(f"""<!doctype html><body style="margin:0;color-scheme:{'dark' if dark else 'light'}"><script>
            const all = []; addEventListener('message', e => {{ all[e.data.place] = e.data.found;
            if (Object.keys(all).length == {len(frames)}) document.body.dataset.found = encodeURIComponent(JSON.stringify(all)); }})
            </script>{''.join(frames)}""")
        whole, self.page = self.page, frame
        try:
            dumped = self.browse("--dump-dom", "--window-size=1400,1600", "--virtual-time-budget=10000")
        finally:
            self.page = whole
        return json.loads(unquote(re.findall(r'data-found="([^"]+)"', dumped)[0]))

    def test_everything_fits(self) -> None:
        """On a large screen, a tablet and a telephone, in light and dark: nothing runs out of its tile, card or cell, and no
        column is left out."""
        ann = self.add_user("somebody.with.a.long.name@department.example.org")
        sql(self.connection, "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, status, "
            f"duration_seconds) select '{ann}', n || '.wav', '/x', 1234567890, 'audio/wav', 'ready', 33.95 "
            "from generate_series(1, 100) n")  # fmt: skip
        self.call("stats", "--refresh", "--html", str(self.page))
        text = self.page.read_text()
        self.assertIn("<b>57 min</b>", text)
        self.assertIn("<td>56 min 35 s</td>", text)
        pages = [text, *(re.sub(r"<b>[^<]*</b>", f"<b>{value}</b>", text) for value in ("56 min 35 s", "1,234,567,890"))]
        widths = (1200, 800, 400, 320)
        for dark in (False, True):
            for place, found in enumerate(self.measure(pages, widths, dark)):
                width = widths[place % len(widths)]
                self.assertEqual({each["inner"] for each in found}, {width})
                self.assertEqual({each["page"] for each in found}, {"rgb(18, 23, 31)" if dark else "rgb(245, 247, 250)"})
                self.assertEqual([each["text"] for each in found if each["what"].startswith("TH")], ["User", "Files", "Size", "Audio"])
                for each in found:
                    self.assertLessEqual(each["scroll"], max(each["client"], 1), (width, each))
                    self.assertLessEqual(each["right"], each["inside"] + 0.5, (width, each))
                    self.assertGreater(each["right"] - each["left"], 0, (width, each))

    def test_the_tiles_say_what_they_count(self) -> None:
        ann = self.add_user()
        sql(self.connection, "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, status) select "
            f"'{ann}', 'x', '/x', 1, 'audio/wav', (array['ready', 'uploaded', 'error'])[n]::audio_file_status from generate_series(1, 3) n")
        self.call("stats", "--refresh", "--html", str(self.page))
        self.assertIn("<b>1</b><span>ready file</span>", self.page.read_text())
        said = self.call("stats")
        self.assertIn("1 ready file, ", said)
        self.assertIn("1 user, 3 audio files, 0 transcriptions, 0 analyses", said)
        self.assertNotIn("ploads", self.page.read_text() + said)

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
