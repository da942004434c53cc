"""Five minutes in Python: the program of the README. Run it again: it finds what it made before."""
import teleai

with teleai.open("local:./data") as db:
    try:
        ann = db.users.create(email="ann@example.org", full_name="Ann Example", password="correct horse battery staple")
    except teleai.AlreadyExists:  # this is not the first run
        ann = db.users.get_by_email("ann@example.org")

    with db.transaction() as tx:
        file = tx.audio_files.create(
            user_id=ann.id,
            file_name="ward-round.wav",
            file_path="/recordings/ward-round.wav",
            mime_type="audio/wav",
            file_size_bytes=1843200,
        )
        tx.transcriptions.create(
            audio_file_id=file.id,
            user_id=ann.id,
            text="Her heart rate was ninety in the morning and is sixty eight now.",
            language_code="en",
            engine="by hand",
            status=teleai.TranscriptionStatus.COMPLETED,
        )

    for hit in db.search('"heart rate" morning -drill'):
        print(f"{hit.file_name}: {hit.snippet_marked}")
