/* Has local:./data open, says so, and closes it at the end of its input. */
#include <stdio.h>

#include <teleai.h>

int main(void) {
    teleai_error error;
    teleai_client *client = NULL;
    if (teleai_open("local:./data", NULL, &client, &error) != TELEAI_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    puts("open");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    teleai_close(client);
    return 0;
}
