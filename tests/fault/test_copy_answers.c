/* A server that answers ordinary statements with COPY, or asks for two billion rounds of SCRAM: an error, in time, rather than
 * a loop. */
#include "hostile_server.h"

static char copy_kind;   /* 'G' in, 'H' out, 'W' both, 0: NOTICE without end; 'R': SCRAM instead of a welcome */
static int good_answers; /* statements that are answered well first */

static void trick(int socket) {
    static const char notice[] = "SNOTICE\0C00000\0Mwords\0";
    if (copy_kind != 0)
        hostile_say(socket, copy_kind, "\0\0\0", 3);
    else
        while (hostile_say(socket, 'N', notice, sizeof notice))
            ;
}

/* As SCRAM goes on (RFC 5802): with the client's own nonce, and a salt. */
static void ask_for_rounds(int socket) {
    unsigned char body[4096];
    char type, answer[300];
    uint32_t size;
    hostile_say(socket, 'R', "\0\0\0\12SCRAM-SHA-256\0", 19);
    if (!hostile_hear_message(socket, &type, body, sizeof body - 1, &size))
        return;
    body[size] = '\0';
    const char *nonce = NULL;
    for (uint32_t i = 0; i + 3 < size && nonce == NULL; i++)
        nonce = memcmp(body + i, ",r=", 3) == 0 ? (const char *)body + i + 3 : NULL;
    memset(answer, 0, 4);
    answer[3] = 11;
    int length =
        snprintf(answer + 4, sizeof answer - 4, "r=%.100sx,s=QUJDRA==,i=2147483647", nonce == NULL ? "" : nonce);
    hostile_say(socket, 'R', answer, 4 + (size_t)length);
    (void)hostile_hear_message(socket, &type, body, sizeof body, &size);
}

static void serve(int socket) {
    unsigned char body[4096];
    char type;
    uint32_t size;
    if (!hostile_hear_start(socket))
        return;
    if (copy_kind == 'R') {
        ask_for_rounds(socket);
        return;
    }
    hostile_say_welcome(socket);
    for (int done = 0; hostile_hear_message(socket, &type, body, sizeof body, &size);) {
        if (type != 'Q' && type != 'S')
            continue;
        if (done++ >= good_answers) {
            trick(socket);
            continue;
        }
        hostile_say(socket, 'T', "\0\1pid\0\0\0\0\0\0\0\0\0\0\x17\0\4\xff\xff\xff\xff\0\0", 24);
        hostile_say(socket, 'D',
                    "\0\1\0\0\0\1"
                    "1",
                    7);
        hostile_say(socket, 'C', "SELECT 1", 9);
        hostile_say(socket, 'Z', "I", 1);
    }
}

static void refused(const char *connection, char kind, int good) {
    teleai_options options = {.struct_size = sizeof options,
                              .timeout_ms = 1000,
                              .schema = TELEAI_SCHEMA_IGNORE,
                              .password_memory_kib = 19456};
    teleai_client *client = NULL;
    teleai_error error;
    copy_kind = kind;
    good_answers = good;
    int64_t start = check_now_ms();
    teleai_status status = teleai_open(connection, &options, &client, &error);
    int64_t took = check_now_ms() - start;
    CHECK(status != TELEAI_OK && client == NULL, "kind %c, %d good: %s", kind == 0 ? 'N' : kind, good,
          teleai_status_name(status));
    CHECK(took < 8000, "kind %c, %d good: %d ms", kind == 0 ? 'N' : kind, good, (int)took);
    teleai_close(client);
}

int main(void) {
    char connection[160];
    hostile_listen(serve);
    snprintf(connection, sizeof connection,
             "host=127.0.0.1 port=%d user=x password=x dbname=x sslmode=disable gssencmode=disable", hostile.port);
    static const char kinds[] = {'G', 'H', 'W', 0};
    for (size_t i = 0; i < sizeof kinds; i++)
        for (int good = 0; good < 2; good++) /* while the session is set up, and at the first call */
            refused(connection, kinds[i], good);
    refused(connection, 'R', 0);
    hostile_stop();
    return check_failures > 0;
}
