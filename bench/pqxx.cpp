/* libpqxx: text both ways, a transaction object around everything; it has no pool, so W2 gets the plainest one. */
#include "subject.h"

#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

extern "C" const char subject_version[] = "libpqxx " PQXX_VERSION;

namespace {

using text = std::string;
using maybe_text = std::optional<std::string>;
using maybe_int = std::optional<int>;

struct audio {
    text id, user_id, file_name, file_path, mime_type, status, metadata, created, updated;
    maybe_text error_message, uploaded, started, completed;
    long long size;
    std::optional<double> duration;
    maybe_int sample_rate, channels, bit_rate;
};

struct speech {
    text id, audio_file_id, user_id, words, language_code, status, engine, metadata, created, updated;
    maybe_text engine_version, error_message, started, completed;
    std::optional<double> confidence;
    maybe_int word_count, duration_ms;
};

std::vector<std::unique_ptr<pqxx::connection>> connections;
std::vector<pqxx::connection *> idle;
std::mutex mutex;
std::condition_variable returned;

template <typename T> std::optional<T> maybe(const pqxx::field &field) {
    return field.is_null() ? std::nullopt : std::optional<T>(field.as<T>());
}

size_t decoded_audio(const pqxx::result &result) {
    std::vector<audio> all;
    all.reserve(result.size());
    for (const auto &row : result)
        all.push_back({row[0].as<text>(), row[1].as<text>(), row[2].as<text>(), row[3].as<text>(), row[6].as<text>(),
                       row[10].as<text>(), row[15].as<text>(), row[16].as<text>(), row[17].as<text>(),
                       maybe<text>(row[14]), maybe<text>(row[11]), maybe<text>(row[12]), maybe<text>(row[13]),
                       row[4].as<long long>(), maybe<double>(row[5]), maybe<int>(row[7]), maybe<int>(row[8]),
                       maybe<int>(row[9])});
    return all.size();
}

size_t get(pqxx::connection &connection, const subject_id *id) {
    pqxx::nontransaction work(connection);
    return decoded_audio(work.exec_prepared("get", id->text));
}

size_t w1(size_t turn) { return get(*connections[0], subject_file(turn)); }

size_t w2(size_t turn) {
    std::unique_lock<std::mutex> lock(mutex);
    returned.wait(lock, [] { return !idle.empty(); });
    pqxx::connection *connection = idle.back();
    idle.pop_back();
    lock.unlock();
    size_t rows = get(*connection, subject_file(turn));
    lock.lock();
    idle.push_back(connection);
    returned.notify_one();
    return rows;
}

size_t w3(size_t turn) {
    pqxx::nontransaction work(*connections[0]);
    return decoded_audio(work.exec_prepared("list", subject_user(turn)->text, NEWEST));
}

size_t w4(size_t turn) {
    pqxx::nontransaction work(*connections[0]);
    return decoded_audio(work.exec_prepared("create", subject_user(turn)->text, "call.wav", "/calls/call.wav", 1843200,
                                            "audio/wav", 16000, 1));
}

size_t w5(size_t) {
    const subject_audio *rows = subject_audio_rows();
    pqxx::work work(*connections[0]);
    pqxx::stream_to stream(work, "audio_files",
                           std::vector<text>{"user_id", "file_name", "file_path", "file_size_bytes", "duration_seconds",
                                             "mime_type", "sample_rate", "channels", "bit_rate", "status",
                                             "upload_completed_at", "metadata"});
    for (size_t i = 0; i < AUDIO_ROWS; i++)
        stream << std::make_tuple(text(rows[i].user->text), text(rows[i].name), text(rows[i].path), rows[i].size,
                                  static_cast<double>(rows[i].duration_ms) / 1000, text("audio/wav"), 16000, 1, 256000,
                                  text("ready"), text("2026-01-01 00:00:00+00"), text(AUDIO_METADATA));
    stream.complete();
    work.commit();
    return AUDIO_ROWS;
}

size_t w6(size_t) {
    pqxx::nontransaction work(*connections[0]);
    pqxx::result result = work.exec(READ_ALL);
    std::vector<speech> all;
    all.reserve(result.size());
    for (const auto &row : result)
        all.push_back({row[0].as<text>(), row[1].as<text>(), row[2].as<text>(), row[3].as<text>(), row[4].as<text>(),
                       row[7].as<text>(), row[8].as<text>(), row[14].as<text>(), row[15].as<text>(), row[16].as<text>(),
                       maybe<text>(row[9]), maybe<text>(row[13]), maybe<text>(row[10]), maybe<text>(row[11]),
                       maybe<double>(row[5]), maybe<int>(row[6]), maybe<int>(row[12])});
    return all.size();
}

size_t w7(size_t turn) {
    const subject_id *ids = subject_gets(turn);
    size_t rows = 0;
    for (size_t i = 0; i < GETS; i++)
        rows += get(*connections[0], &ids[i]);
    return rows;
}

} // namespace

void subject_open(void) {
    try {
        for (int i = 0; i < POOL_CONNECTIONS; i++) {
            connections.push_back(std::make_unique<pqxx::connection>(""));
            pqxx::connection &connection = *connections.back();
            connection.prepare("get", "select " AUDIO_COLUMNS " from audio_files where id = $1");
            connection.prepare("list", NEWEST_OF_USER);
            connection.prepare("create", "insert into audio_files (user_id, file_name, file_path, file_size_bytes, "
                                         "mime_type, sample_rate, channels) values ($1, $2, $3, $4, $5, $6, $7) "
                                         "returning " AUDIO_COLUMNS);
            idle.push_back(&connection);
        }
    } catch (const std::exception &error) {
        subject_die("open", error.what());
    }
}

void subject_close(void) { connections.clear(); }

extern "C" const subject_work subject_works[] = {
    {"W1", w1}, {"W2", w2}, {"W3", w3}, {"W4", w4}, {"W5", w5}, {"W6", w6}, {"W7", w7}, {nullptr, nullptr},
};
