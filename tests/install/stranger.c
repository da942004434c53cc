/* A program of somebody else's, compiled against the installed library as C and as C++. */
#include <stdio.h>
#include <string.h>

#include <teleai.h>

int main(void) {
    teleai_error error;
    teleai_client *client = NULL;
    teleai_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.timeout_ms = 2000;
    if (teleai_open("host=/nowhere/at/all", &options, &client, &error) != TELEAI_UNAVAILABLE || client != NULL)
        return 1;
    printf("teleai %s: %s: %s\n", teleai_version(), teleai_status_name(error.status), error.message);
    return 0;
}
