/* The slots of a pool: which of the free ones is taken, which are closed, and which moves between states there are. The
 * connections here have no server. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

#include "pool/pool_internal.h"

static teleai__pool *pool;
static teleai__ticket tickets[4];

static void make_pool(int32_t least, int32_t most, int32_t idle_ms) {
    const teleai_options options = {
        .min_connections = least, .max_connections = most, .idle_timeout_ms = idle_ms, .max_lifetime_ms = -1};
    cr_assert(teleai__pool_make(NULL, &options, &pool, NULL) == TELEAI_OK);
}

/* Asks for a connection. */
static teleai__slot *take(int ticket) {
    cr_assert(teleai__pool_ask(pool, &tickets[ticket], "test", NULL, true, NULL) == TELEAI_OK);
    return tickets[ticket].slot;
}

/* Asks for one where there is none, and opens it. */
static teleai__slot *take_new(int ticket) {
    teleai__slot *slot = take(ticket);
    cr_assert(tickets[ticket].state == TELEAI__TICKET_TO_OPEN);
    teleai__connection *made = calloc(1, sizeof *made);
    made->opened_us = made->last_used_us = teleai__monotonic_coarse_us();
    teleai__pool_opened(pool, &tickets[ticket], made, TELEAI_OK, NULL);
    return slot;
}

static void give_back(teleai__slot *slot) {
    slot->connection->last_used_us = teleai__monotonic_coarse_us();
    teleai__slot_offer(pool, slot, slot->connection);
}

Test(pool_slots, the_connection_used_last_is_taken) {
    make_pool(0, 4, -1);
    teleai__slot *slots[] = {take_new(0), take_new(1), take_new(2)};
    give_back(slots[1]);
    give_back(slots[0]);
    give_back(slots[2]);
    cr_assert(take(0) == slots[2] && tickets[0].state == TELEAI__TICKET_GRANTED);
    cr_assert(take(1) == slots[0]);
    give_back(slots[2]);
    cr_assert(take(0) == slots[2]);
    cr_assert(take(2) == slots[1]);
    cr_assert(pool->free[SLOT_IDLE] == NULL);
    teleai__slot *last = take_new(3);
    cr_assert(last == &pool->slots[3] && teleai__slot_find_empty(pool) == NULL);
    teleai__pool_free(pool, false);
}

Test(pool_slots, what_rested_longest_is_closed_down_to_the_least) {
    make_pool(2, 4, 1000);
    teleai__slot *slots[] = {take_new(0), take_new(1), take_new(2), take_new(3)};
    for (int i = 0; i < 4; i++)
        give_back(slots[i]);
    int64_t now = teleai__monotonic_coarse_us();
    static const int rested[] = {1, 3, 0, 2};
    for (int i = 0; i < 4; i++) /* they come back in another order than they were made, and all rested too long */
        cr_assert(take(i) == slots[3 - i]);
    for (int i = 0; i < 4; i++)
        give_back(slots[rested[i]]);
    for (int i = 0; i < 4; i++)
        slots[rested[i]]->connection->last_used_us = now - 9000000 + i * 1000000;
    for (int i = 0; i < 4; i++)
        slots[i]->connection->expires_us = INT64_MAX;
    cr_assert(teleai__pool_maintain(pool, teleai__deadline_in(1000), NULL) == TELEAI_OK);
    cr_assert(slots[1]->state == SLOT_EMPTY && slots[3]->state == SLOT_EMPTY);
    cr_assert(slots[0]->state == SLOT_IDLE && slots[2]->state == SLOT_IDLE);
    cr_assert(pool->free[SLOT_IDLE] == slots[2] && slots[2]->next == slots[0] && slots[0]->next == NULL);
    teleai__pool_free(pool, false);
}

Test(pool_slots, no_connection_is_opened_beyond_a_size_that_shrank) {
    make_pool(0, 4, -1);
    teleai__slot *slots[] = {take_new(0), take_new(1), take_new(2), take_new(3)};
    for (int i = 0; i < 4; i++)
        give_back(slots[i]);
    teleai__pool_resize(pool, 0, 2);
    cr_assert(slots[2]->state == SLOT_EMPTY && slots[3]->state == SLOT_EMPTY);
    cr_assert(take(0) == slots[1] && take(1) == slots[0]);
    cr_assert(teleai__slot_find_empty(pool) == NULL);
    teleai__pool_resize(pool, 0, 3);
    cr_assert(take(2) == slots[2] && tickets[2].state == TELEAI__TICKET_TO_OPEN);
    cr_assert(teleai__slot_find_empty(pool) == NULL);
    teleai__pool_free(pool, false);
}

#ifndef NDEBUG /* the sanitized builds have assert() */
Test(pool_slots, a_connection_cannot_be_given_back_twice, .signal = SIGABRT) {
    make_pool(0, 4, -1);
    teleai__slot *slot = take_new(0);
    give_back(slot);
    give_back(slot);
}

Test(pool_slots, a_slot_is_not_used_before_it_is_open, .signal = SIGABRT) {
    make_pool(0, 4, -1);
    static teleai__connection connection;
    teleai__slot_change(pool, &pool->slots[0], SLOT_BUSY, &connection, "test", NULL);
}

Test(pool_slots, a_slot_in_use_has_a_connection, .signal = SIGABRT) {
    make_pool(0, 4, -1);
    teleai__slot *slot = take(0);
    teleai__slot_change(pool, slot, SLOT_BUSY, NULL, "test", NULL);
}
#endif
