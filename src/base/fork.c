#include "base/fork.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES 4096 /* one is enough; the system rounds up */

void teleai__fork_mark_make(teleai__fork_mark *mark) {
    mark->maker = getpid();
    mark->page = NULL;
#ifdef MADV_WIPEONFORK
    void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return;
    if (madvise(page, PAGE_BYTES, MADV_WIPEONFORK) != 0) { /* Linux before 4.14 */
        munmap(page, PAGE_BYTES);
        return;
    }
    mark->page = page;
    *mark->page = 1;
#endif
}

void teleai__fork_mark_free(teleai__fork_mark *mark) {
    if (mark->page != NULL)
        munmap((void *)mark->page, PAGE_BYTES);
    mark->page = NULL;
}

bool teleai__fork_mark_is_mine(const teleai__fork_mark *mark) {
    return mark->page != NULL ? *mark->page != 0 : mark->maker == getpid();
}
