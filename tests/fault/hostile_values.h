/* For hostile_tricks.h: lies about the values of a row. */
#ifndef TELEAI_TESTS_FAULT_HOSTILE_VALUES_H
#define TELEAI_TESTS_FAULT_HOSTILE_VALUES_H

/* ---- the values of a row ---- */

static void add16(hostile_buffer *to, uint16_t value) {
    hostile_add(to, (unsigned char[]){(unsigned char)(value >> 8), (unsigned char)value}, 2);
}

static void add32(hostile_buffer *to, uint32_t value) {
    unsigned char bytes[4];
    hostile_put32(bytes, value);
    hostile_add(to, bytes, 4);
}

static void say_buffer(hostile_link *link, char type, hostile_buffer *body) {
    if (!hostile_say(link->client, type, body->bytes, body->size))
        link->over = true;
    free(body->bytes);
}

static uint16_t columns_of(const hostile_message *message) {
    return (uint16_t)(message->body[0] << 8 | message->body[1]);
}

/* Makes another value of each of a row. */
typedef void (*change)(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                       hostile_buffer *to);

static void change_row(hostile_link *link, const hostile_message *message, change each) {
    if (message->type != 'D') {
        hostile_pass(link, message);
        return;
    }
    hostile_buffer row = {0};
    uint16_t columns = columns_of(message);
    const unsigned char *at = message->body + 2;
    add16(&row, columns);
    for (int i = 0; i < columns; i++) {
        uint32_t size = hostile_take32(at);
        at += 4;
        if (size == UINT32_MAX) {
            add32(&row, size);
            continue;
        }
        each(link->trick, i, at, size, &row);
        at += size;
    }
    say_buffer(link, 'D', &row);
}

/* trick->number: which column; -1: all of them. */
static bool is_meant(const hostile_trick *trick, int column) { return trick->number < 0 || trick->number == column; }

static void add_value(hostile_buffer *to, const void *bytes, size_t size) {
    add32(to, (uint32_t)size);
    hostile_add(to, bytes, size);
}

static void null_value(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                       hostile_buffer *to) {
    if (is_meant(trick, column))
        add32(to, UINT32_MAX);
    else
        add_value(to, bytes, size);
}

/* Changes the length by this many bytes; added ones are 'x'. */
static void resized_value(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                          hostile_buffer *to) {
    (void)column;
    int64_t wanted = (int64_t)size + trick->number;
    uint32_t length = wanted < 0 ? 0 : (uint32_t)wanted;
    add32(to, length);
    hostile_add(to, bytes, length < size ? length : size);
    for (uint32_t i = size; i < length; i++)
        hostile_add(to, "x", 1);
}

/* Of the same length, and all of its bytes the same. */
static void filled_value(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                         hostile_buffer *to) {
    (void)column, (void)bytes;
    unsigned char byte = (unsigned char)trick->number;
    add32(to, size);
    for (uint32_t i = 0; i < size; i++)
        hostile_add(to, &byte, 1);
}

/* What looks like a text gets these bytes into its middle. */
static void text_with(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                      hostile_buffer *to) {
    (void)column;
    bool is_text = size > 1;
    for (uint32_t i = 0; i < size; i++)
        is_text &= bytes[i] >= ' ';
    if (!is_text) {
        add_value(to, bytes, size);
        return;
    }
    add32(to, size + (uint32_t)trick->number);
    hostile_add(to, bytes, size / 2);
    hostile_add(to, trick->text, (size_t)trick->number);
    hostile_add(to, bytes + size / 2, size - size / 2);
}

/* What looks like jsonb becomes this one. */
static void json_of(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                    hostile_buffer *to) {
    (void)column;
    bool is_json = size > 2 && bytes[0] == 1 && (bytes[1] == '{' || bytes[1] == '[');
    if (!is_json)
        add_value(to, bytes, size);
    else
        add_value(to, trick->text, (size_t)trick->number);
}

static void deep_json(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                      hostile_buffer *to) {
    static char deep[100000];
    deep[0] = 1;
    memset(deep + 1, trick->type, sizeof deep - 1);
    hostile_trick other = *trick;
    other.text = deep;
    other.number = sizeof deep;
    json_of(&other, column, bytes, size, to);
}

/* Numbers of 8 bytes, times among them. */
static void number_of(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                      hostile_buffer *to) {
    (void)column;
    add_value(to, size == 8 ? (const unsigned char *)trick->text : bytes, size);
}

/* Numerics: these have a header of four numbers, the third of which is the sign. */
static void numeric_of(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                       hostile_buffer *to) {
    (void)column;
    bool is_numeric = size >= 8 && size <= 14 && size % 2 == 0 && bytes[0] == 0 && bytes[1] == (size - 8) / 2;
    add_value(to, is_numeric ? (const unsigned char *)trick->text : bytes, is_numeric ? (size_t)trick->number : size);
}

static void announced_value(const hostile_trick *trick, int column, const unsigned char *bytes, uint32_t size,
                            hostile_buffer *to) {
    (void)column;
    add32(to, (uint32_t)trick->number);
    hostile_add(to, bytes, size);
}

#define VALUES(each) \
    static void lie_##each(hostile_link *link, const hostile_message *message) { change_row(link, message, each); }
VALUES(null_value)
VALUES(resized_value)
VALUES(filled_value)
VALUES(text_with)
VALUES(json_of)
VALUES(deep_json)
VALUES(number_of)
VALUES(numeric_of)
VALUES(announced_value)
#undef VALUES

#endif
