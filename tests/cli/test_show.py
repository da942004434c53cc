"""`teleai show`: it finds the row that is meant, and fits a screen."""

from __future__ import annotations

import os
import re
import tempfile

import support
from support import NOTHING, USAGE, Case, Terminal, sql

FIRST = "abcd1234-5678-7abc-8def-000000000001"


class Show(Case):
    def setUp(self) -> None:
        super().setUp()
        self.ann = self.add_user()

    def add_file(self, name: str, id: str = "", path: str = "/x") -> str:
        its = f"'{id}'" if id else "gen_random_uuid()"
        return sql(
            self.connection,
            "insert into audio_files (id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, status) values "
            f"({its}, '{self.ann}', $${name}$$, $${path}$$, 1000, 61, 'audio/wav', 'ready') returning id",
        )

    def test_the_beginning_of_an_id(self) -> None:
        file = self.add_file("call.wav", FIRST)
        session = "ef010000-0000-7000-8000-000000000001"
        sql(self.connection, "insert into sessions (id, user_id, token_hash, created_at, expires_at) values "
            f"('{session}', '{self.ann}', repeat('0', 64), now() - interval '2 h', now() - interval '1 h')")  # fmt: skip
        heard = sql(
            self.connection,
            "insert into transcriptions (id, audio_file_id, user_id, transcription_text, language_code, engine, status) values "
            f"('ffffffff-ffff-ffff-ffff-ffffffffffff', '{file}', '{self.ann}', 'text', 'en', 'x', 'completed') returning id",
        )
        sql(self.connection, "insert into analyses (id, transcription_id, audio_file_id, user_id, analysis_type, engine) values "
            f"('00ff0000-0000-7000-8000-000000000001', '{heard}', '{file}', '{self.ann}', 'mood', 'x')")  # fmt: skip
        for beginning in ("abcd", "abcd1", "ABCD1234-5", "abcd12345678", "abcd1234-5678-7abc-8def-00000000000", FIRST.replace("-", ""), FIRST):
            self.assertEqual(self.json("show", beginning)["audio_files"][0]["id"], file, beginning)
        for beginning, rows in (("ffff", "transcriptions"), ("ffffffff-ffff-ffff-ffff-ffffffffffff", "transcriptions"),
                                ("ef010", "sessions"), ("00ff", "analyses"), ("00FF0", "analyses"), (self.ann[:8], "users")):  # fmt: skip
            self.assertEqual(next(iter(self.json("show", beginning))).removesuffix("_total"), rows if rows != "users" else "open_sessions", beginning)
        self.fails("show", "abce", status=NOTHING, says="no id begins with abce")
        self.fails("show", FIRST[:-1] + "2", status=NOTHING, says=f"has the id {FIRST[:-1]}2")
        self.fails("show", "abc", status=NOTHING, says="the first 4 digits")
        self.fails("show", "abcd-1234", status=NOTHING, says="no audio file is called abcd-1234")

    def test_a_beginning_of_several(self) -> None:
        sql(self.connection, f"update users set id = '{FIRST[:-1]}3' where id = '{self.ann}'")
        self.ann = FIRST[:-1] + "3"
        one, other = self.add_file("one.wav", FIRST), self.add_file("other.wav", FIRST[:-1] + "2")
        err = self.fails("show", "abcd12", status=USAGE, says="3 ids begin with abcd12")
        self.assertRegex(err, rf"{one}  audio file +one\.wav, ")
        self.assertRegex(err, rf"{other}  audio file +other\.wav, ")
        self.assertRegex(err, rf"{FIRST[:-1]}3  user +ann@example\.org")
        for n in range(10, 25):
            self.add_file(f"{n}.wav", f"{FIRST[:-2]}{n}")
        err = self.fails("show", "abcd12", status=USAGE, says="over 10 ids begin with abcd12")
        self.assertEqual(len(err.splitlines()), 12)

    def test_a_name(self) -> None:
        file = self.add_file("Call 7.WAV", path="/in/Call 7.WAV")
        for name in ("Call 7.WAV", "call 7.wav", "/in/Call 7.WAV"):
            self.assertEqual(self.json("show", name)["audio_files"][0]["id"], file)
        self.fails("show", "call 8.wav", status=NOTHING, says="no audio file is called call 8.wav")
        self.fails("show", "/in/call 7.wav", status=NOTHING, says="no audio file has the path /in/call 7.wav")
        odd = self.add_file("abcdef")  # which may as well be the beginning of an id
        self.assertEqual(self.json("show", "abcdef")["audio_files"][0]["id"], odd)
        self.assertEqual(self.json("show", self.add_file("a@b.wav"))["audio_files"][0]["file_name"], "a@b.wav")
        self.assertEqual(self.json("show", "a@b.wav")["audio_files"][0]["file_name"], "a@b.wav")
        second = self.add_file("CALL 7.wav")
        err = self.fails("show", "call 7.wav", status=USAGE, says="2 audio files are called call 7.wav")
        self.assertIn(file, err)
        self.assertIn(second, err)
        self.fails("show", "eve@example.org", status=NOTHING, says="no user has the e-mail address eve@example.org")

    def test_a_path_of_here(self) -> None:
        with tempfile.TemporaryDirectory(prefix="teleai-show-") as folder:
            path = os.path.realpath(folder) + "/call.wav"
            open(path, "w").close()
            file = self.add_file("call.wav", path=path)
            self.add_file("call.wav", path="/elsewhere/call.wav")
            self.assertEqual(self.json("show", f"{folder}/../{os.path.basename(folder)}/call.wav")["audio_files"][0]["id"], file)

    def test_a_user_fits_a_screen(self) -> None:
        for n in range(20):
            self.add_file(f"{n}.wav")
        shown = self.json("show", "ann@example.org")
        self.assertEqual((len(shown["audio_files"]), shown["audio_files_total"], shown["transcriptions_total"]), (10, 20, 0))
        self.assertEqual(len(self.json("show", "ann@example.org", "-n", "20")["audio_files"]), 20)
        text = self.call("show", "ann@example.org")
        self.assertLessEqual(len(text.splitlines()), 24)
        self.assertIn("10 are shown; --limit 20 shows all", text)
        self.assertNotIn("are shown", self.call("show", "ann@example.org", "--limit", "20"))
        for columns in (80, 120):
            on = Terminal("show", "ann@example.org", columns=columns, TELEAI_DATABASE_URL=self.connection)
            self.assertEqual(on.end(), 0)
            lines = re.sub(r"\x1b\[[0-9;]*m", "", on.text).splitlines()
            self.assertLessEqual(len(lines), 24, columns)
            self.assertLessEqual(max(map(len, lines)), columns)
            for file in shown["audio_files"]:
                self.assertIn(f"{file['id']}", on.text)

    def test_a_file_fits_a_screen(self) -> None:
        file, heard = self.add_transcription(self.ann, "word " * 3000)
        text = self.call("show", file)
        self.assertLess(len(text.splitlines()), 40)
        self.assertIn("word \u2026", text)
        self.assertEqual(self.json("show", file)["transcriptions"][0]["text"], "word " * 3000)
        self.assertEqual(self.call("show", heard).count("word"), 3000)
        for _ in range(12):
            sql(self.connection, "insert into transcriptions (audio_file_id, user_id, transcription_text, language_code, engine, status)"
                f" values ('{file}', '{self.ann}', 'x', 'en', 'x', 'completed')")  # fmt: skip
        text = self.call("show", file)
        self.assertRegex(text, r"Transcriptions  13, the newest of them:\nEngine +Language +Status +Created +Id\n")
        self.assertIn("10 are shown; --limit 13 shows all", text)
        self.assertLess(len(text.splitlines()), 35)
        self.assertEqual(self.json("show", file)["transcriptions_total"], 13)


if __name__ == "__main__":
    support.main()
