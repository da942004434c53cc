/* What the terminal can show: its width, colours, UTF-8; and putting text on it safely. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum paint_style {
    PAINT_NONE,
    PAINT_BOLD,
    PAINT_DIM,
    PAINT_RED,
    PAINT_GREEN,
    PAINT_YELLOW,
    PAINT_BLUE,
    PAINT_COUNT
} paint_style;

/* Looks at the terminal; `color` is auto, always or never (NULL: auto). False when it is none of these. */
bool terminal_begin(const char *color);
/* Columns; COLUMNS where stdout is no terminal, else 100. At least 20. */
int terminal_width(void);
/* Whether stdout is a terminal. */
bool terminal_is_one(void);
/* Whether it shows UTF-8. */
bool terminal_is_utf8(void);

/* The escape sequence that begins a style on stdout, or "" where there are no colours. */
const char *paint(paint_style style);

/* The character that a text begins with, and how many bytes it has; a byte that begins none counts as one, value -1. */
int32_t text_character(const char *text, size_t *bytes);
/* Whether a character does more to who looks at it than be seen: controls of both kinds, line separators, and what turns
 * the direction of writing round. */
bool is_harmful(int32_t character);

/* Columns that a text takes. */
int text_width(const char *text);
/* Bytes of the longest beginning that takes at most so many columns. */
size_t text_fit(const char *text, int columns);
/* Bytes of the first of the lines, at most so many columns each, that a text is broken into: between words where that can
 * be. *next is where the second one begins. */
size_t text_line(const char *text, int columns, size_t *next);

/* Prints text that is not ours: control characters (but line ends, where these may stay) and broken UTF-8 become visible
 * and harmless. */
void print_safe(FILE *file, const char *text, bool lines);
/* The same in memory; free it with free(). NULL without memory. */
char *safe_text(const char *text, bool lines);
/* The same in memory for a file of text, in which line ends of two characters stay, too. */
char *safe_field(const char *text);
/* Prints a text in lines that fit, the first beginning in column `first`, the others in column `indent`. */
void print_wrapped(const char *text, int first, int indent);

/* Takes a line of progress away that is on the terminal; nothing where there is none. In progress.c. */
void progress_clear(void);

#endif
