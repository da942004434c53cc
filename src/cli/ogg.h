/* The recordings that follow each other in a chained Ogg file, told by its pages. */
#ifndef TELEAI_CLI_OGG_H
#define TELEAI_CLI_OGG_H

#include <stdint.h>

/* How many there are; *ms is how long they are together. 0: it is no Ogg file, or holds no sound that is known. */
int ogg_chain(int file, int64_t size, int64_t *ms);

#endif
