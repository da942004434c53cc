/* The ways in which a server lies in the answer to a statement: one line of the table each. */
#ifndef TELEAI_TESTS_HOSTILE_TRICKS_H
#define TELEAI_TESTS_HOSTILE_TRICKS_H

#include "hostile_server.h"

#define MAY(status) (1u << (status))
/* What was sent is none of what was asked for. NOT_FOUND and UNAUTHENTICATED only where there is no row to look at. */
#define WRONG (MAY(TELEAI_SCHEMA_MISMATCH) | MAY(TELEAI_SERVER_ERROR))
#define NO_ROW (WRONG | MAY(TELEAI_NOT_FOUND) | MAY(TELEAI_UNAUTHENTICATED))
/* It was said not to have happened, and so was sent again, when it had. */
#define REPEATED (MAY(TELEAI_ALREADY_EXISTS) | MAY(TELEAI_NOT_FOUND) | MAY(TELEAI_CONFLICT))
/* There is no way on with the connection. */
#define LOST (WRONG | MAY(TELEAI_UNAVAILABLE))
#define OTHER_HASH \
    (WRONG | MAY(TELEAI_UNAUTHENTICATED)) /* a good text in place of every other, of password hashes too */
#define LATE (LOST | MAY(TELEAI_TIMEOUT))

#include "hostile_values.h"

/* ---- how many there are ---- */

/* The number of columns that a row, or their description (trick->type), says it has; what follows stays. */
static void columns_said(hostile_link *link, const hostile_message *message) {
    if (message->type != link->trick->type) {
        hostile_pass(link, message);
        return;
    }
    hostile_buffer body = {0};
    int32_t columns = columns_of(message) + link->trick->number;
    add16(&body, (uint16_t)(columns < 0 ? 0 : columns));
    hostile_add(&body, message->body + 2, message->size - 2);
    say_buffer(link, message->type, &body);
}

/* Where the last but `spare` columns of a description end. */
static size_t after_columns(const hostile_message *message, int columns) {
    const unsigned char *at = message->body + 2;
    for (int i = 0; i < columns; i++)
        at += message->type == 'T' ? strlen((const char *)at) + 19
                                   : 4 + (hostile_take32(at) == UINT32_MAX ? 0 : hostile_take32(at));
    return (size_t)(at - message->body);
}

/* The last column is not there, or twice there, in descriptions and rows alike. */
static void last_column(hostile_link *link, const hostile_message *message) {
    if ((message->type != 'T' && message->type != 'D') || columns_of(message) == 0) {
        hostile_pass(link, message);
        return;
    }
    hostile_buffer body = {0};
    int columns = columns_of(message);
    size_t last = after_columns(message, columns - 1);
    add16(&body, (uint16_t)(columns + link->trick->number));
    hostile_add(&body, message->body + 2, last - 2);
    for (int i = 0; i <= link->trick->number; i++)
        hostile_add(&body, message->body + last, message->size - last);
    say_buffer(link, message->type, &body);
}

/* All columns in the other order, in descriptions and rows alike. */
static void reversed(hostile_link *link, const hostile_message *message) {
    if (message->type != 'T' && message->type != 'D') {
        hostile_pass(link, message);
        return;
    }
    hostile_buffer body = {0};
    add16(&body, columns_of(message));
    for (int i = columns_of(message); i-- > 0;) {
        size_t start = after_columns(message, i), end = after_columns(message, i + 1);
        hostile_add(&body, message->body + start, end - start);
    }
    say_buffer(link, message->type, &body);
}

/* In the description of each column: what stands `number` bytes behind the name becomes this. */
static void described(hostile_link *link, const hostile_message *message) {
    if (message->type != 'T') {
        hostile_pass(link, message);
        return;
    }
    hostile_buffer body = {0};
    hostile_add(&body, message->body, message->size);
    unsigned char *at = body.bytes + 2;
    for (int i = 0; i < columns_of(message); i++) {
        at += strlen((char *)at) + 1;
        memcpy(at + link->trick->number, link->trick->text, link->trick->type == '4' ? 4 : 2);
        at += 18;
    }
    say_buffer(link, 'T', &body);
}

/* Sends each message of this type this many times; 0 drops it. */
static void times(hostile_link *link, const hostile_message *message) {
    int count = message->type == link->trick->type ? link->trick->number : 1;
    for (int i = 0; i < count && !link->over; i++)
        hostile_pass(link, message);
}

/* ---- other messages ---- */

/* This one in place of each of its type. */
static void replaced(hostile_link *link, const hostile_message *message) {
    if (message->type != link->trick->type) {
        hostile_pass(link, message);
        return;
    }
    hostile_message other = {link->trick->text[0], (const unsigned char *)link->trick->text + 1,
                             (uint32_t)link->trick->number - 1};
    hostile_pass(link, &other);
}

/* This one in front of the first of its type (0: of all). */
static void inserted(hostile_link *link, const hostile_message *message) {
    if ((link->trick->type == 0 && link->messages == 0) || message->type == link->trick->type) {
        hostile_message other = {link->trick->text[0], (const unsigned char *)link->trick->text + 1,
                                 (uint32_t)link->trick->number - 1};
        hostile_pass(link, &other);
    }
    if (!link->over)
        hostile_pass(link, message);
}

/* The end of an answer as the server would send it; a server that waits for a COPY would not. */
static void end_answer(hostile_link *link, const hostile_message *message) {
    static const hostile_message ready = {'Z', (const unsigned char *)"I", 1};
    if (message->type == 'Z' || message->type == 'G')
        hostile_pass(link, message->type == 'Z' ? message : &ready);
}

/* This one in place of the whole answer. */
static void instead(hostile_link *link, const hostile_message *message) {
    if (link->messages == 0) {
        hostile_message other = {link->trick->text[0], (const unsigned char *)link->trick->text + 1,
                                 (uint32_t)link->trick->number - 1};
        hostile_pass(link, &other);
    }
    end_answer(link, message);
}

/* An error with this one as its message, 100 kB long, and the end of the answer. */
static void long_error(hostile_link *link, const hostile_message *message) {
    if (link->messages == 0) {
        hostile_buffer body = {0};
        hostile_add(&body, "SERROR\0C42601\0M", 15);
        for (int i = 0; i < 100000; i++)
            hostile_add(&body, link->trick->text, 1);
        hostile_add(&body, "\0", 2);
        say_buffer(link, 'E', &body);
    }
    end_answer(link, message);
}

/* Sends this message this many times before the answer. */
static void flood(hostile_link *link, const hostile_message *message) {
    static char filler[1000];
    for (int i = 0; link->messages == 0 && i < link->trick->number && !link->over; i++) {
        hostile_buffer body = {0};
        char name[60];
        int length = snprintf(name, sizeof name, link->trick->text, i);
        memset(filler, 'w', sizeof filler);
        if (link->trick->type == 'A')
            add32(&body, 1);
        if (link->trick->type == 'N')
            hostile_add(&body, "SNOTICE\0C00000\0M", 16);
        hostile_add(&body, name, (size_t)length + (link->trick->type == 'N' ? 0 : 1));
        hostile_add(&body, filler, sizeof filler);
        hostile_add(&body, "\0", link->trick->type == 'N' ? 2 : 1);
        say_buffer(link, link->trick->type, &body);
    }
    if (!link->over)
        hostile_pass(link, message);
}

/* The first message of its type announces this length, and is the last one. */
static void announced(hostile_link *link, const hostile_message *message) {
    if (message->type != link->trick->type) {
        hostile_pass(link, message);
        return;
    }
    hostile_say_as(link->client, message->type, (uint32_t)link->trick->number, message->body, message->size);
    link->over = true;
}

/* Closes the connection this many bytes into the first message of its type. */
static void cut(hostile_link *link, const hostile_message *message) {
    if (message->type != link->trick->type) {
        hostile_pass(link, message);
        return;
    }
    unsigned char head[5] = {(unsigned char)message->type};
    size_t left = (size_t)link->trick->number;
    hostile_put32(head + 1, message->size + 4);
    hostile_send(link->client, head, left < 5 ? left : 5);
    if (left > 5)
        hostile_send(link->client, message->body, left - 5 < message->size ? left - 5 : message->size);
    link->over = true;
}

static void silent(hostile_link *link, const hostile_message *message) { (void)link, (void)message; }

/* A byte, a pause, a byte. */
static void trickle(hostile_link *link, const hostile_message *message) {
    unsigned char head[5] = {(unsigned char)message->type};
    hostile_put32(head + 1, message->size + 4);
    for (uint32_t i = 0; i < 5 + message->size && !link->over; i++) {
        check_pause_ms(50);
        link->over = !hostile_send(link->client, i < 5 ? &head[i] : &message->body[i - 5], 1);
    }
}

/* Rows without end. */
static void endless(hostile_link *link, const hostile_message *message) {
    if (message->type == 'D')
        while (hostile_pass(link, message))
            ;
    else
        hostile_pass(link, message);
}

#define LONG(bytes) .text = bytes, .number = (int32_t)sizeof bytes - 1

static const hostile_trick tricks[] = {
    /* values */
    {"every value NULL", lie_null_value, .number = -1, .allowed = WRONG},
    {"the first value NULL", lie_null_value, .number = 0, .allowed = WRONG},
    {"every value empty", lie_resized_value, .number = -1000000, .allowed = WRONG},
    {"every value a byte short", lie_resized_value, .number = -1, .allowed = WRONG},
    {"every value a byte long", lie_resized_value, .number = 1, .allowed = WRONG},
    {"every value 1 kB long", lie_resized_value, .number = 1000, .allowed = WRONG},
    {"every byte 0xFF", lie_filled_value, .number = 0xFF, .allowed = WRONG},
    {"every byte 0", lie_filled_value, .number = 0, .allowed = WRONG},
    {"every byte 0x7F", lie_filled_value, .number = 0x7F, .allowed = OTHER_HASH},
    {"every byte 0x80", lie_filled_value, .number = 0x80, .allowed = WRONG},
    {"numbers at their greatest", lie_number_of, .text = "\x7f\xff\xff\xff\xff\xff\xff\xff", .allowed = WRONG},
    {"numbers at their least", lie_number_of, .text = "\x80\0\0\0\0\0\0\0", .allowed = WRONG},
    {"numbers negative", lie_number_of, .text = "\xff\xff\xff\xff\xff\xff\xff\xfb", .allowed = WRONG},
    {"times before the first", lie_number_of, .text = "\x80\0\0\0\0\0\0\1", .allowed = WRONG},
    {"numeric is no number", lie_numeric_of, LONG("\0\0\0\0\xc0\0\0\0"), .allowed = WRONG},
    {"numeric is infinite", lie_numeric_of, LONG("\0\0\0\0\xd0\0\0\0"), .allowed = WRONG},
    {"numeric with 32767 digits that are not there", lie_numeric_of, LONG("\x7f\xff\0\1\0\0\0\0\0\1"),
     .allowed = WRONG},
    {"numeric of great weight", lie_numeric_of, LONG("\0\1\x7f\xff\0\0\0\0\0\1"), .allowed = WRONG},
    {"numeric of little weight", lie_numeric_of, LONG("\0\1\x80\0\0\0\0\0\0\1"), .allowed = WRONG},
    {"numeric with a digit above 9999", lie_numeric_of, LONG("\0\1\0\0\0\0\0\0\xff\xff"), .allowed = WRONG},
    {"NUL in texts", lie_text_with, LONG("\0"), .allowed = WRONG},
    {"broken UTF-8 in texts", lie_text_with, LONG("\xc3("), .allowed = WRONG},
    {"overlong UTF-8 in texts", lie_text_with, LONG("\xc0\xaf"), .allowed = WRONG},
    {"surrogates in texts", lie_text_with, LONG("\xed\xa0\x80"), .allowed = WRONG},
    {"Latin-1 in texts", lie_text_with, LONG("\xe9t\xe9"), .allowed = WRONG},
    {"marks of snippets in texts", lie_text_with, LONG("\3\3\2\2\3\3\2"), .allowed = OTHER_HASH},
    {"JSON without its version", lie_json_of, LONG("{}"), .allowed = WRONG},
    {"JSON of another version", lie_json_of, LONG("\2{}"), .allowed = WRONG},
    {"JSON that is empty", lie_json_of, LONG("\1"), .allowed = WRONG},
    {"JSON cut at the start", lie_json_of, LONG("\1["), .allowed = WRONG},
    {"JSON cut in an object", lie_json_of, LONG("\1[{\"text\": \"x\""), .allowed = WRONG},
    {"JSON cut in a string", lie_json_of, LONG("\1[{\"text\": \"x"), .allowed = WRONG},
    {"JSON cut in an escape", lie_json_of, LONG("\1[{\"text\": \"\\"), .allowed = WRONG},
    {"JSON cut in a name", lie_json_of, LONG("\1[{\"te"), .allowed = WRONG},
    {"JSON with a wrong escape", lie_json_of, LONG("\1[{\"text\": \"\\q\"}]"), .allowed = WRONG},
    {"JSON with half a pair", lie_json_of, LONG("\1[{\"text\": \"\\ud800\", \"name\": \"\\udc00\"}]"),
     .allowed = WRONG},
    {"JSON of the wrong brackets", lie_json_of, LONG("\1[{\"text\": \"x\"]}"), .allowed = WRONG},
    {"JSON with more behind it", lie_json_of, LONG("\1[] []"), .allowed = WRONG},
    {"JSON with a NUL", lie_json_of, LONG("\1{\"a\0b\": 1}"), .allowed = WRONG},
    {"JSON with broken UTF-8", lie_json_of, LONG("\1{\"a\": \"\xff\"}"), .allowed = WRONG},
    {"JSON with odd numbers", lie_json_of,
     LONG("\1[{\"text\": \"x\", \"name\": \"x\", \"score\": 1e999999, \"start_ms\": 99999999999999999999999}]"),
     .allowed = WRONG},
    {"JSON with no numbers", lie_json_of,
     LONG("\1[{\"text\": \"x\", \"name\": \"x\", \"score\": -, \"confidence\": -}]"), .allowed = WRONG},
    {"JSON 99999 arrays deep", lie_deep_json, .type = '[', .allowed = WRONG},
    {"JSON 99999 objects deep", lie_deep_json, .type = '{', .allowed = WRONG},
    {"lengths negative", lie_announced_value, .number = -2, .allowed = LOST},
    {"lengths beyond the message", lie_announced_value, .number = 100000, .allowed = LOST},
    {"lengths of 2 GB", lie_announced_value, .number = INT32_MAX, .allowed = LOST},
    /* rows and columns */
    {"no rows", times, .type = 'D', .number = 0, .allowed = NO_ROW},
    {"each row twice", times, .type = 'D', .number = 2, .allowed = WRONG},
    {"each row a thousand times", times, .type = 'D', .number = 1000, .allowed = WRONG},
    {"rows with a column less than they say", columns_said, .type = 'D', .number = 1, .allowed = LOST},
    {"rows with a column more than they say", columns_said, .type = 'D', .number = -1, .allowed = LOST},
    {"rows that say they have none", columns_said, .type = 'D', .number = -1000, .allowed = LOST},
    {"rows that say they have 32767", columns_said, .type = 'D', .number = 32000, .allowed = LOST},
    {"a description with less than it says", columns_said, .type = 'T', .number = 1, .allowed = LOST},
    {"a description with more than it says", columns_said, .type = 'T', .number = -1, .allowed = LOST},
    {"a description of 65535 columns", columns_said, .type = 'T', .number = 65000, .allowed = LOST},
    {"the last column is missing", last_column, .number = -1, .allowed = WRONG},
    {"the last column is there twice", last_column, .number = 1, .allowed = WRONG},
    {"the columns in another order", reversed, .allowed = WRONG},
    {"columns of type bool", described, .number = 6, .type = '4', .text = "\0\0\0\x10", .allowed = WRONG},
    {"columns of type 0", described, .number = 6, .type = '4', .text = "\0\0\0\0", .allowed = WRONG},
    {"columns in text format", described, .number = 16, .text = "\0\0", .allowed = WRONG},
    {"columns in format 7", described, .number = 16, .text = "\0\7", .allowed = LOST},
    {"the description is missing", times, .type = 'T', .number = 0, .allowed = LOST},
    {"the description is there twice", times, .type = 'T', .number = 2, .allowed = LOST},
    {"no data in place of the description", replaced, .type = 'T', LONG("n"), .allowed = LOST},
    /* the end */
    {"the end of the command is missing", times, .type = 'C', .number = 0, .allowed = LATE, .libpq_leaks = true},
    {"the end of the command is there twice", times, .type = 'C', .number = 2, .allowed = LATE, .libpq_leaks = true},
    {"the end of the command is nonsense", replaced, .type = 'C', LONG("Cwords\0"), .allowed = LOST},
    {"the end of the command is empty", replaced, .type = 'C', LONG("C\0"), .allowed = LOST},
    {"the end of the command does not end", replaced, .type = 'C', LONG("CSELECT 1"), .allowed = LOST},
    {"a negative number of rows", replaced, .type = 'C', LONG("CDELETE -5\0"), .allowed = LOST},
    {"a number of rows of 30 digits", replaced, .type = 'C', LONG("CUPDATE 999999999999999999999999999999\0"),
     .allowed = LOST},
    {"the end of another command", replaced, .type = 'C', LONG("CROLLBACK\0"), .allowed = LOST | MAY(TELEAI_ABORTED)},
    {"an empty query", replaced, .type = 'C', LONG("I"), .allowed = LOST},
    {"only an empty query", instead, LONG("I"), .allowed = LATE},
    {"only an end of a command", instead, LONG("CSELECT 1\0"), .allowed = LATE},
    {"a suspended portal", replaced, .type = 'C', LONG("s"), .allowed = LATE},
    {"the portal suspended as well", inserted, .type = 'C', LONG("s"), .allowed = LATE},
    {"ready twice", times, .type = 'Z', .number = 2, .allowed = LATE},
    {"ready too early", inserted, LONG("ZI"), .allowed = LATE},
    {"ready before the end of the command", inserted, .type = 'C', LONG("ZI"), .allowed = LATE, .libpq_leaks = true},
    {"ready with an unknown state", replaced, .type = 'Z', LONG("ZX"), .allowed = LOST},
    {"ready in a transaction that is none", replaced, .type = 'Z', LONG("ZT"), .allowed = LOST},
    {"ready in a failed transaction", replaced, .type = 'Z', LONG("ZE"), .allowed = LOST | MAY(TELEAI_ABORTED)},
    /* messages of other places */
    {"a copy in", inserted, LONG("G\0\0\0"), .allowed = LATE},
    {"a copy out", inserted, LONG("H\0\0\0"), .allowed = LATE},
    {"a copy both ways", inserted, LONG("W\0\0\0"), .allowed = LATE},
    {"data of a copy", inserted, LONG("dwords"), .allowed = LATE},
    {"the end of a copy", inserted, LONG("c"), .allowed = LATE},
    {"the answer of a function", inserted, LONG("V\0\0\0\4\0\0\0\1"), .allowed = LATE},
    {"parameters of a statement", inserted, LONG("t\xff\xff\0\0"), .allowed = LATE},
    {"a question for the password", inserted, LONG("R\0\0\0\3"), .allowed = LATE},
    {"another version of the protocol", inserted, LONG("v\0\3\0\0\0\0\0\0"), .allowed = LATE},
    {"another key of the session", inserted, LONG("K\0\0\0\1\0\0\0\1"), .allowed = LATE},
    {"half a key of the session", inserted, LONG("K\0\0"), .allowed = LATE},
    {"an unknown message", inserted, LONG("!words"), .allowed = LATE},
    {"a message of type 0", inserted, LONG("\0words"), .allowed = LATE},
    {"zeros", inserted, LONG("\0\0\0\0\0\0\0\0\0\0\0\0"), .allowed = LATE},
    {"an unknown message at the end", inserted, .type = 'Z', LONG("!words"), .allowed = LATE},
    {"bind complete without end", inserted, .type = 'C', LONG("2"), .allowed = LATE},
    {"close complete", inserted, LONG("3"), .allowed = LATE},
    /* errors */
    {"an error without fields", instead, LONG("E\0"), .allowed = LOST},
    {"an error without an end", instead, LONG("ESERROR"), .allowed = LATE},
    {"an error of no bytes", instead, LONG("E"), .allowed = LATE},
    {"an error with an empty code", instead, LONG("ESERROR\0C\0Mwords\0\0"), .allowed = LOST},
    {"an error with a long code", instead, LONG("ESERROR\0C4260142601426014260142601426014260142601\0Mwords\0\0"),
     .allowed = LOST},
    {"an error with a strange code", instead, LONG("ESERROR\0C\xff\x01\x02\xc3(\0M\xff\xfe\0\0"), .allowed = LOST},
    {"an error that is none", instead, LONG("ESERROR\0C00000\0Mwords\0\0"), .allowed = LOST},
    {"an error in broken UTF-8", instead, LONG("ESERROR\0C42601\0Mwords \xc3(\xff words\0Hhint \xff\0n\xff\0c\xff\0\0"),
     .allowed = LOST},
    {"an error with marks for terminals", instead, LONG("ESERROR\0C42601\0Mwords \x1b[2J\r\n\t words\0\0"),
     .allowed = LOST},
    {"an error of 100 kB", long_error, .text = "w", .allowed = LOST},
    {"an error of 100 kB that is no text", long_error, .text = "\xff", .allowed = LOST},
    {"an error in front of the answer", inserted, LONG("ESERROR\0C42601\0Mwords\0\0"), .allowed = LOST},
    {"an error behind the answer", inserted, .type = 'Z', LONG("ESERROR\0C42601\0Mwords\0\0"), .allowed = LOST},
    {"an error of names that are long", instead,
     LONG("ESERROR\0C23505\0Mw\0nusers_"
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          "_key\0tusers\0cxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\0\0"),
     .allowed = LOST | MAY(TELEAI_ALREADY_EXISTS) | MAY(TELEAI_CONFLICT)},
    {"the plan is stale", instead, LONG("ESERROR\0C26000\0Mwords\0\0"),
     .allowed = LOST | REPEATED | MAY(TELEAI_ABORTED)},
    {"the server only reads", instead, LONG("ESERROR\0C25006\0Mwords\0\0"),
     .allowed = LOST | REPEATED | MAY(TELEAI_PERMISSION_DENIED)},
    {"the end of the session", instead, LONG("ESFATAL\0C57P01\0Mwords\0\0"), .allowed = LOST},
    /* what may come at any time */
    {"3000 notices", flood, .type = 'N', .text = "words %d", .number = 3000, .allowed = WRONG},
    {"500 parameters", flood, .type = 'S', .text = "name%d", .number = 500, .allowed = WRONG},
    {"3000 notifications", flood, .type = 'A', .text = "channel%d", .number = 3000, .allowed = WRONG},
    {"a notice without an end", inserted, LONG("NSNOTICE"), .allowed = LATE},
    {"a notification without an end", inserted, LONG("A\0\0\0\1x"), .allowed = LATE},
    {"a parameter without an end", inserted, LONG("Sclient_encoding"), .allowed = LATE},
    {"another encoding", inserted, LONG("Sclient_encoding\0LATIN1\0"), .allowed = WRONG},
    {"an encoding that does not exist", inserted, LONG("Sclient_encoding\0nonsense\0"), .allowed = WRONG},
    {"another version of the server", inserted, LONG("Sserver_version\0nonsense\0"), .allowed = WRONG},
    {"other whole numbers", inserted, LONG("Sinteger_datetimes\0off\0"), .allowed = WRONG},
    /* lengths */
    {"a row of 1 GB", announced, .type = 'D', .number = 1 << 30, .allowed = LOST},
    {"a row of -1 bytes", announced, .type = 'D', .number = -1, .allowed = LOST},
    {"a row of 3 bytes", announced, .type = 'D', .number = 3, .allowed = LOST},
    {"a description of 1 GB", announced, .type = 'T', .number = 1 << 30, .allowed = LOST},
    {"an end of a command of 1 GB", announced, .type = 'C', .number = 1 << 30, .allowed = LOST},
    {"ready of 1 GB", announced, .type = 'Z', .number = 1 << 30, .allowed = LOST},
    {"ready of 0 bytes", announced, .type = 'Z', .number = 0, .allowed = LOST},
    {"bind complete of 1 GB", announced, .type = '2', .number = 1 << 30, .allowed = LOST},
    /* the connection */
    {"the end in a bind complete", cut, .type = '2', .number = 3, .allowed = LOST},
    {"the end in a description", cut, .type = 'T', .number = 20, .allowed = LOST},
    {"the end in a row", cut, .type = 'D', .number = 30, .allowed = LOST},
    {"the end after a row", cut, .type = 'C', .number = 0, .allowed = LOST},
    {"the end in that of the command", cut, .type = 'C', .number = 8, .allowed = LOST},
    {"the end before ready", cut, .type = 'Z', .number = 0, .allowed = LOST},
    {"the end in ready", cut, .type = 'Z', .number = 5, .allowed = LOST},
};

/* These take their time. */
static const hostile_trick slow_tricks[] = {
    {"silence", silent, .allowed = LATE},
    {"a byte every 50 ms", trickle, .allowed = LATE},
    {"ready is missing", times, .type = 'Z', .number = 0, .allowed = LATE},
    {"ready without a state", replaced, .type = 'Z', LONG("Z"), .allowed = LATE},
    {"a copy in with 32767 columns", inserted, LONG("G\0\x7f\xff"), .allowed = LATE},
    {"rows without end", endless, .allowed = LATE | MAY(TELEAI_LIMIT_EXCEEDED)},
};

#endif
