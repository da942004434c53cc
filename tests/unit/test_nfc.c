/* base/nfc: form C of all characters and of many texts, as Python's own tables make it: tests/unit/nfc_forms.py says them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nfc.h"

/* Lines of "text<tab>form", in hexadecimal. */
static size_t read_hex(const char *text, const char *end, char *out) {
    size_t bytes = 0;
    for (; text + 1 < end; text += 2) {
        char digits[3] = {text[0], text[1], '\0'};
        out[bytes++] = (char)strtol(digits, NULL, 16);
    }
    out[bytes] = '\0';
    return bytes;
}

int main(void) {
    char command[4096], line[8192], text[2048], wanted[4096], form[3 * 2048 + 1];
    snprintf(command, sizeof command, "python3 '%s/tests/unit/nfc_forms.py'", getenv("TELEAI_SOURCE_DIR"));
    FILE *lines = popen(command, "r");
    long count = 0, wrong = 0;
    while (lines != NULL && fgets(line, sizeof line, lines) != NULL) {
        char *tab = strchr(line, '\t'), *end = strchr(line, '\n');
        if (tab == NULL || end == NULL)
            return 1;
        size_t bytes = read_hex(line, tab, text), wanted_bytes = read_hex(tab + 1, end, wanted), made = 0,
               characters = 0;
        if (!teleai__nfc(text, bytes, false, form, &made, &characters) || made != wanted_bytes ||
            memcmp(form, wanted, made) != 0) {
            wrong++;
            printf("%s", line);
        }
        count++;
    }
    int status = lines == NULL ? -1 : pclose(lines);
    if (status != 0 || count == 0) {
        printf("no Python with the Unicode version of src/base/nfc_tables.inc\n");
        return 77;
    }
    printf("%ld texts, %ld wrong\n", count, wrong);
    return count > 1100000 && wrong == 0 ? 0 : 1;
}
