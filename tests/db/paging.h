/* Walking through the pages of a list: the same checks for every noun, which gives its functions. */
#ifndef TELEAI_TESTS_DB_PAGING_H
#define TELEAI_TESTS_DB_PAGING_H

#include "nouns.h"

typedef struct paging {
    teleai_status (*list)(const teleai_page *page, void *out, teleai_error *error);
    void (*free)(void *list);
    size_t created_at; /* offset of created_at_us in the record */
    void (*add)(teleai_uuid *id);
    void (*remove)(const teleai_uuid *id);
} paging;

/* What every list looks like. */
typedef struct any_list {
    size_t count;
    const void *const *items;
    const char *next_cursor;
} any_list;

#define MOST_SEEN 32

/* What has been seen so far, and where to go on. */
typedef struct tour {
    const paging *with;
    teleai_page page;
    char cursor[128];
    bool over;
    size_t count;
    teleai_uuid ids[MOST_SEEN];
    int64_t times[MOST_SEEN];
} tour;

static inline tour begin_tour(const paging *with, int32_t limit, int32_t order) {
    tour self = {.with = with};
    self.page = (teleai_page){.struct_size = sizeof self.page, .limit = limit, .order = order};
    return self;
}

/* Reads one page and returns how many rows it had. */
static inline size_t next_page(tour *self) {
    void *list = NULL;
    teleai_error error;
    self->page.cursor = self->cursor[0] == '\0' ? NULL : self->cursor;
    teleai_status status = self->with->list(&self->page, &list, &error);
    cr_assert(status == TELEAI_OK, "%s", error.message);
    any_list read;
    memcpy(&read, list, sizeof read);
    cr_assert(read.count <= (size_t)self->page.limit, "%zu rows on a page of %d", read.count, (int)self->page.limit);
    for (size_t i = 0; i < read.count; i++) {
        cr_assert(self->count < MOST_SEEN);
        memcpy(&self->ids[self->count], read.items[i], sizeof(teleai_uuid)); /* a record begins with its id */
        memcpy(&self->times[self->count], (const char *)read.items[i] + self->with->created_at, sizeof(int64_t));
        self->count++;
    }
    self->over = read.next_cursor == NULL;
    snprintf(self->cursor, sizeof self->cursor, "%s", self->over ? "" : read.next_cursor);
    self->with->free(list);
    return read.count;
}

static inline void to_the_end(tour *self) {
    for (int i = 0; !self->over; i++) {
        cr_assert(i < 50, "the pages do not end");
        next_page(self);
    }
}

static inline void expect_ids(const tour *self, const teleai_uuid *const *expected, size_t count) {
    cr_assert(self->count == count, "%zu rows were shown, %zu were expected", self->count, count);
    for (size_t i = 0; i < count; i++)
        SAME_ID(&self->ids[i], expected[i]);
}

/* Ten rows on pages of three, in both orders. */
static inline void check_pages_of_three(const paging *with) {
    teleai_uuid ids[10];
    const teleai_uuid *forward[10], *backward[10];
    for (size_t i = 0; i < 10; i++) {
        with->add(&ids[i]);
        forward[i] = backward[9 - i] = &ids[i];
    }
    for (int32_t order = TELEAI_ORDER_NEWEST_FIRST; order <= TELEAI_ORDER_OLDEST_FIRST; order++) {
        tour self = begin_tour(with, 3, order);
        static const size_t sizes[] = {3, 3, 3, 1};
        for (size_t i = 0; i < 4; i++) {
            cr_assert(!self.over, "the list ended before page %zu", i);
            size_t size = next_page(&self);
            cr_assert(size == sizes[i], "page %zu has %zu rows", i, size);
        }
        cr_assert(self.over, "a cursor leads past the last row");
        expect_ids(&self, order == TELEAI_ORDER_OLDEST_FIRST ? forward : backward, 10);
    }
    /* A last page that is just full has no cursor either. */
    tour full = begin_tour(with, 5, TELEAI_ORDER_NEWEST_FIRST);
    cr_assert(next_page(&full) == 5 && !full.over && next_page(&full) == 5 && full.over);
}

/* Rows added and removed between the pages: nothing is shown twice, nothing is skipped. */
static inline void check_pages_stay_put(const paging *with) {
    teleai_uuid ids[10], later[2];
    for (size_t i = 0; i < 10; i++)
        with->add(&ids[i]);
    tour newest = begin_tour(with, 3, TELEAI_ORDER_NEWEST_FIRST),
         oldest = begin_tour(with, 3, TELEAI_ORDER_OLDEST_FIRST);
    next_page(&newest);
    next_page(&oldest);
    with->remove(&ids[9]); /* shown on the first page of the newest */
    with->remove(&ids[7]); /* the row at which that page ended */
    with->remove(&ids[5]); /* not yet shown by either */
    with->add(&later[0]);
    with->add(&later[1]);
    to_the_end(&newest);
    to_the_end(&oldest);
    const teleai_uuid *of_newest[] = {&ids[9], &ids[8], &ids[7], &ids[6], &ids[4], &ids[3], &ids[2], &ids[1], &ids[0]};
    const teleai_uuid *of_oldest[] = {&ids[0], &ids[1], &ids[2],   &ids[3],  &ids[4],
                                      &ids[6], &ids[8], &later[0], &later[1]};
    expect_ids(&newest, of_newest, 9);
    expect_ids(&oldest, of_oldest, 9);
}

/* Rows of one transaction have the same created_at: their ids decide. `client` is what with->add() uses. */
static inline void check_pages_of_equal_times(const paging *with, teleai_client **client) {
    teleai_client *root = *client;
    teleai_error error;
    teleai_uuid ids[7];
    cr_assert(teleai_transaction_begin(root, NULL, client, &error) == TELEAI_OK, "%s", error.message);
    for (size_t i = 0; i < 7; i++)
        with->add(&ids[i]);
    cr_assert(teleai_transaction_commit(*client, &error) == TELEAI_OK, "%s", error.message);
    teleai_close(*client);
    *client = root;
    const teleai_uuid *forward[7], *backward[7];
    for (size_t i = 0; i < 7; i++)
        forward[i] = backward[6 - i] = &ids[i]; /* ids made later are larger */
    tour newest = begin_tour(with, 3, TELEAI_ORDER_NEWEST_FIRST),
         oldest = begin_tour(with, 2, TELEAI_ORDER_OLDEST_FIRST);
    to_the_end(&newest);
    to_the_end(&oldest);
    cr_assert(newest.times[0] == newest.times[6], "the rows were to have the same time");
    expect_ids(&newest, backward, 7);
    expect_ids(&oldest, forward, 7);
}

static inline void refused_page(const paging *with, teleai_page page, const char *field) {
    void *list = &page;
    teleai_error error;
    teleai_status status = with->list(&page, &list, &error);
    cr_assert(status == TELEAI_INVALID_ARGUMENT, "%s: %s", field, teleai_status_name(status));
    cr_assert(strcmp(error.field, field) == 0, "field is %s, %s was expected", error.field, field);
    cr_assert(list == NULL, "*out was left as it was");
}

static inline void check_page_arguments(const paging *with) {
    teleai_uuid ids[3];
    for (size_t i = 0; i < 3; i++)
        with->add(&ids[i]);
    const size_t size = sizeof(teleai_page);
    refused_page(with, (teleai_page){size, NULL, -1, 0}, "limit");
    refused_page(with, (teleai_page){size, NULL, 10001, 0}, "limit");
    refused_page(with, (teleai_page){size, NULL, 3, 4}, "order");
    refused_page(with, (teleai_page){size, NULL, 3, -1}, "order");
    refused_page(with, (teleai_page){0, NULL, 3, 0}, "struct_size");
    refused_page(with, (teleai_page){size, "", 3, 0}, "cursor");
    refused_page(with, (teleai_page){size, "no cursor", 3, 0}, "cursor");
    tour self = begin_tour(with, 2, TELEAI_ORDER_NEWEST_FIRST);
    next_page(&self);
    refused_page(with, (teleai_page){size, self.cursor, 2, TELEAI_ORDER_OLDEST_FIRST}, "cursor");
    char other[160];
    snprintf(other, sizeof other, "%sA", self.cursor);
    refused_page(with, (teleai_page){size, other, 2, 0}, "cursor");
    snprintf(other, sizeof other, "%.*s", (int)strlen(self.cursor) - 1, self.cursor);
    refused_page(with, (teleai_page){size, other, 2, 0}, "cursor");
    /* The largest page, and the same cursor with another limit, are fine. */
    self.page.limit = 10000;
    cr_assert(next_page(&self) == 1 && self.over);
}

#define PAGING_TESTS(suite, with)                                                            \
    Test(suite, pages_of_three_in_both_orders) { check_pages_of_three(with); }               \
    Test(suite, pages_stay_put_while_rows_come_and_go) { check_pages_stay_put(with); }       \
    Test(suite, pages_of_rows_with_the_same_time) { check_pages_of_equal_times(with, &db); } \
    Test(suite, wrong_pages_are_refused) { check_page_arguments(with); }

#endif
