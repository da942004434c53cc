/* Upkeep of `local:` databases, which nothing else looks after. */
#ifndef TELEAI_API_MAINTAIN_H
#define TELEAI_API_MAINTAIN_H

#include "run/client.h"

/* Does what is due before a root client closes. */
void teleai__maintain_local(teleai_client *client);

#endif
