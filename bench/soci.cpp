/* SOCI: text both ways; statements prepared once a session of its pool, with the variables they fill. */
#include "subject.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/version.h>
#include <string>
#include <vector>

extern "C" const char subject_version[] = "SOCI " SOCI_LIB_VERSION;

namespace {

struct audio {
    std::string id, user_id, file_name, file_path, mime_type, status, error_message, metadata;
    long long size;
    double duration;
    int sample_rate, channels, bit_rate;
    std::tm uploaded, started, completed, created, updated;
    soci::indicator has_duration, has_sample_rate, has_channels, has_bit_rate, has_uploaded, has_started, has_completed,
        has_error;
};

struct speech {
    std::string id, audio_file_id, user_id, words, language_code, status, engine, engine_version, error_message,
        metadata;
    double confidence;
    int word_count, duration_ms;
    std::tm started, completed, created, updated;
    soci::indicator has_confidence, has_word_count, has_version, has_started, has_completed, has_duration, has_error;
};

using soci::into;
using soci::use;

template <typename Prepare> auto into_audio(Prepare &&prepare, audio &row) {
    return (prepare, into(row.id), into(row.user_id), into(row.file_name), into(row.file_path), into(row.size),
            into(row.duration, row.has_duration), into(row.mime_type), into(row.sample_rate, row.has_sample_rate),
            into(row.channels, row.has_channels), into(row.bit_rate, row.has_bit_rate), into(row.status),
            into(row.uploaded, row.has_uploaded), into(row.started, row.has_started),
            into(row.completed, row.has_completed), into(row.error_message, row.has_error), into(row.metadata),
            into(row.created), into(row.updated));
}

/* What one session of the pool keeps prepared. */
struct prepared {
    audio row;
    std::string id, user = "", name = "call.wav", path = "/calls/call.wav", mime = "audio/wav";
    long long size = 1843200;
    int rate = 16000, channels = 1, limit = NEWEST;
    soci::statement get, list, create;
    explicit prepared(soci::session &session)
        : get((into_audio(session.prepare << "select " AUDIO_COLUMNS " from audio_files where id = :id", row),
               use(id))),
          list((into_audio(session.prepare << "select " AUDIO_COLUMNS " from audio_files where user_id = :user "
                                              "order by created_at desc, id desc limit :most",
                           row),
                use(user), use(limit))),
          create((into_audio(session.prepare
                                 << "insert into audio_files (user_id, file_name, file_path, file_size_bytes, "
                                    "mime_type, sample_rate, channels) values (:user, :name, :path, :size, :mime, "
                                    ":rate, :channels) returning " AUDIO_COLUMNS,
                             row),
                  use(user), use(name), use(path), use(size), use(mime), use(rate), use(channels))) {}
};

std::unique_ptr<soci::connection_pool> pool;
std::array<std::unique_ptr<prepared>, POOL_CONNECTIONS> statements;

size_t get(prepared &its, const subject_id *id) {
    its.id = id->text;
    return its.get.execute(true);
}

size_t w1(size_t turn) { return get(*statements[0], subject_file(turn)); }

size_t w2(size_t turn) {
    size_t position = pool->lease();
    size_t rows = get(*statements[position], subject_file(turn));
    pool->give_back(position);
    return rows;
}

size_t w3(size_t turn) {
    prepared &its = *statements[0];
    std::vector<audio> all;
    its.user = subject_user(turn)->text;
    for (bool more = its.list.execute(true); more; more = its.list.fetch())
        all.push_back(its.row);
    return all.size();
}

size_t w4(size_t turn) {
    prepared &its = *statements[0];
    its.user = subject_user(turn)->text;
    return its.create.execute(true);
}

size_t w5(size_t) {
    const subject_audio *rows = subject_audio_rows();
    soci::session &session = pool->at(0);
    std::vector<std::string> users, names, paths;
    std::vector<long long> sizes;
    std::vector<double> durations;
    std::vector<std::string> uploaded(AUDIO_ROWS, "2026-01-01 00:00:00+00");
    for (size_t i = 0; i < AUDIO_ROWS; i++) {
        users.push_back(rows[i].user->text);
        names.push_back(rows[i].name);
        paths.push_back(rows[i].path);
        sizes.push_back(rows[i].size);
        durations.push_back(static_cast<double>(rows[i].duration_ms) / 1000);
    }
    soci::transaction transaction(session);
    session << "insert into audio_files (user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, "
               "sample_rate, channels, bit_rate, status, upload_completed_at, metadata) values (:user, :name, :path, "
               ":size, :duration, 'audio/wav', 16000, 1, 256000, 'ready', :uploaded, '" AUDIO_METADATA "')",
        use(users), use(names), use(paths), use(sizes), use(durations), use(uploaded);
    transaction.commit();
    return AUDIO_ROWS;
}

size_t w6(size_t) {
    soci::session &session = pool->at(0);
    speech row;
    std::vector<speech> all;
    soci::statement read =
        (session.prepare << READ_ALL, into(row.id), into(row.audio_file_id), into(row.user_id), into(row.words),
         into(row.language_code), into(row.confidence, row.has_confidence), into(row.word_count, row.has_word_count),
         into(row.status), into(row.engine), into(row.engine_version, row.has_version),
         into(row.started, row.has_started), into(row.completed, row.has_completed),
         into(row.duration_ms, row.has_duration), into(row.error_message, row.has_error), into(row.metadata),
         into(row.created), into(row.updated));
    for (bool more = read.execute(true); more; more = read.fetch())
        all.push_back(row);
    return all.size();
}

size_t w7(size_t turn) {
    const subject_id *ids = subject_gets(turn);
    size_t rows = 0;
    for (size_t i = 0; i < GETS; i++)
        rows += get(*statements[0], &ids[i]);
    return rows;
}

} // namespace

void subject_open(void) {
    try {
        pool = std::make_unique<soci::connection_pool>(POOL_CONNECTIONS);
        for (size_t i = 0; i < POOL_CONNECTIONS; i++) {
            pool->at(i).open(soci::postgresql, "");
            statements[i] = std::make_unique<prepared>(pool->at(i));
        }
    } catch (const std::exception &error) {
        subject_die("open", error.what());
    }
}

void subject_close(void) {
    for (auto &its : statements)
        its.reset();
    pool.reset();
}

extern "C" const subject_work subject_works[] = {
    {"W1", w1}, {"W2", w2}, {"W3", w3}, {"W4", w4}, {"W5", w5}, {"W6", w6}, {"W7", w7}, {nullptr, nullptr},
};
