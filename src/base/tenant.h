/* The tenant that rows belong to where nobody says. */
#ifndef TELEAI_BASE_TENANT_H
#define TELEAI_BASE_TENANT_H

#include "teleai/base.h"

/* 00000000-0000-7000-8000-000000000001, as migrations 003 and 004 have it. */
static const teleai_uuid teleai__default_tenant = {{0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};

#endif
