/* What the command reads of files of sound: the chunks of WAV and the pages of Ogg, which are ours, and the whole by libavformat. */
#include <sys/mman.h>
#include <unistd.h>

#include "cli/audio.h"
#include "cli/ogg.h"
#include "cli/wav.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int file = -1;
    if (file == -1)
        file = memfd_create("fuzz", MFD_CLOEXEC);
    MUST(file != -1 && ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
    wav chunks;
    int64_t ms;
    if (wav_is(file) && wav_read(file, (int64_t)size, &chunks)) {
        MUST(chunks.there_bytes >= 0 && chunks.there_bytes <= (int64_t)size && chunks.said_bytes >= -1);
        MUST(chunks.rate_hz > 0 && chunks.channels > 0 && wav_bit_rate(&chunks) >= 0);
        MUST(wav_ms(&chunks, chunks.there_bytes) >= -1);
        MUST(chunks.said_bytes < 0 || wav_ms(&chunks, chunks.said_bytes) >= -1);
    }
    int links = ogg_chain(file, (int64_t)size, &ms);
    MUST(links >= 0 && ms >= 0);
    audio sound;
    char why[200] = "";
    MUST(lseek(file, 0, SEEK_SET) == 0);
    if (audio_read(file, (int64_t)size, &sound, why, sizeof why)) {
        MUST(strncmp(sound.mime_type, "audio/", 6) == 0 && teleai__mime_type_expected(sound.mime_type) == NULL);
        MUST(sound.codec[0] != '\0' && sound.duration_ms >= 0 && sound.sample_rate_hz > 0 && sound.channels > 0);
        MUST(sound.bit_rate_bps >= 0);
    } else {
        MUST(!audio_can_read() || why[0] != '\0');
    }
    return 0;
}
