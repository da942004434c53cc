/* For test_migrate.c: the number of the advisory lock that golang-migrate takes, and what holding it does. */
#ifndef TELEAI_TESTS_DB_GOLANG_MIGRATE_LOCK_H
#define TELEAI_TESTS_DB_GOLANG_MIGRATE_LOCK_H

/* CRC-32 of IEEE 802.3, as Go's hash/crc32 has it. */
static uint32_t ieee_crc(const char *bytes, size_t length) {
    uint32_t table[256], crc = UINT32_MAX;
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = (table[i] & 1) != 0 ? (table[i] >> 1) ^ UINT32_C(0xEDB88320) : table[i] >> 1;
    }
    for (size_t i = 0; i < length; i++)
        crc = table[(crc ^ (unsigned char)bytes[i]) & 255] ^ (crc >> 8);
    return crc ^ UINT32_MAX;
}

/* golang-migrate: GenerateAdvisoryLockId(database, schema, table). */
static uint32_t lock_number(const char *schema, const char *table, const char *database) {
    char joined[300];
    size_t length = 0;
    const char *const parts[] = {schema, table, database};
    for (int i = 0; i < 3; i++) {
        memcpy(joined + length, parts[i], strlen(parts[i]) + 1);
        length += strlen(parts[i]) + 1;
    }
    return ieee_crc(joined, length - 1) * UINT32_C(1486364155);
}

/* As its command has it, and as its WithInstance has it. */
static void wait_for_lock(const char *slash) {
    char path[100], sql[100];
    snprintf(path, sizeof path, "%s%s", slash, harness_sql("select current_database()"));
    snprintf(sql, sizeof sql, "select pg_advisory_lock(%lu)",
             (unsigned long)lock_number("public", "schema_migrations", path));
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, sql));
    teleai_client *hasty;
    OK(open_as(TELEAI_SCHEMA_IGNORE, 400, &hasty));
    FAILS(teleai_migrate_up(hasty, &error), TELEAI_TIMEOUT, "");
    cr_assert(error.flags == TELEAI_ERROR_RETRYABLE);
    cr_assert(strstr(error.message, "at work") != NULL && strstr(error.message, "process") != NULL, "%s",
              error.message);
    FAILS(teleai_migrate_force(hasty, 2, &error), TELEAI_TIMEOUT, "");
    check_status(0, false);
    PQfinish(raw);
    OK(teleai_migrate_up(hasty, &error));
    check_status(NEWEST, false);
    OK(teleai_migrate_to(hasty, 0, &error));
    teleai_close(hasty);
}

#endif
