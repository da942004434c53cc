/* Ctrl-C and SIGTERM; see interrupt.h. */
#include "cli/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"

static atomic_bool came, at_once;
static pthread_t main_thread;
static sem_t watching;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static teleai_client *client; /* under the lock, as what follows */
static int child;
static int hidden_terminal = -1;
static struct termios shown;

static void show_again(void) {
    if (hidden_terminal >= 0) {
        tcsetattr(hidden_terminal, TCSANOW, &shown);
        if (write(hidden_terminal, "\n", 1) < 0)
            return;
    }
}

static void end_now(void) {
    static const char message[] = "teleai: interrupted\n";
    show_again();
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    _exit(EXIT_INTERRUPTED);
}

static void stop_all(void) {
    pthread_mutex_lock(&lock);
    if (atomic_exchange(&came, true) || atomic_load(&at_once))
        end_now();
    if (child != 0)
        kill(child, SIGTERM);
    if (client != NULL)
        teleai_cancel(client, NULL);
    pthread_mutex_unlock(&lock);
}

/* Calls may have begun since. */
static void cancel_again(void) {
    pthread_mutex_lock(&lock);
    if (client != NULL)
        teleai_cancel(client, NULL);
    pthread_mutex_unlock(&lock);
}

/* When the reader of our output takes nothing for a second, the rest is not for it. */
static void give_up_output(void) {
    static int full;
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    full = poll(&output, 1, 0) == 0 ? full + 1 : 0;
    if (full != 10)
        return;
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        dup2(nowhere, STDOUT_FILENO);
}

/* Once one came, the main thread is woken again and again: it may just be about to read an answer, or to write into a
 * pipe that is full. */
static void *watch(void *signals) {
    const struct timespec pause = {.tv_nsec = 100000000};
    sem_post(&watching);
    for (;;) {
        if (sigtimedwait(signals, NULL, atomic_load(&came) ? &pause : NULL) > 0)
            stop_all();
        if (atomic_load(&came)) {
            cancel_again();
            give_up_output();
            pthread_kill(main_thread, SIGUSR1);
        }
    }
    return NULL;
}

static void wake(int number) { (void)number; }

void interrupts_watch(void) {
    static sigset_t signals;
    pthread_t thread;
    const struct sigaction woken = {.sa_handler = wake}; /* without SA_RESTART, so that read() and write() return */
    sigaction(SIGUSR1, &woken, NULL);
    signal(SIGPIPE, SIG_DFL); /* also where whoever called us ignores it: `teleai ... | head` ends quietly */
    main_thread = pthread_self();
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    sem_init(&watching, 0, 0);
    if (pthread_create(&thread, NULL, watch, &signals) != 0) {
        pthread_sigmask(SIG_UNBLOCK, &signals, NULL); /* then they end us as they end anybody */
        return;
    }
    pthread_detach(thread);
    /* A process that is forked while the thread begins inherits the locks that this takes, as they are: under a sanitizer a
     * reader of `teleai ingest` could then wait for one that no thread gives back. */
    while (sem_wait(&watching) != 0 && errno == EINTR)
        ;
}

void interrupts_end_at_once(bool yes) { atomic_store(&at_once, yes); }

bool interrupted(void) { return atomic_load(&came); }

void interrupts_cancel(teleai_client *whose) {
    pthread_mutex_lock(&lock);
    client = whose;
    pthread_mutex_unlock(&lock);
}

void interrupts_end(int process) {
    pthread_mutex_lock(&lock);
    child = process;
    if (child != 0 && atomic_load(&came)) /* just before it was started */
        kill(child, SIGTERM);
    pthread_mutex_unlock(&lock);
}

line_read read_line(int file, char *out, size_t room) {
    size_t length = 0, all = 0;
    bool has_nul = false, is_whole = false;
    char letter;
    ssize_t got;
    while (!is_whole && !interrupted() && ((got = read(file, &letter, 1)) == 1 || (got < 0 && errno == EINTR))) {
        if (got < 0)
            continue;
        is_whole = letter == '\n';
        has_nul |= letter == 0;
        all += !is_whole;
        if (!is_whole && length < room - 1)
            out[length++] = letter;
    }
    out[length] = 0;
    if (interrupted() || (!is_whole && all == 0))
        return LINE_NONE;
    if (has_nul)
        return LINE_HAS_NUL;
    if (all == length && length > 0 && out[length - 1] == '\r')
        out[length - 1] = 0;
    return all > length ? LINE_TOO_LONG : LINE_READ;
}

line_read read_hidden(const char *prompt, char *out, size_t room, bool *is_there) {
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios quiet;
    *is_there = terminal >= 0 && tcgetattr(terminal, &quiet) == 0;
    if (!*is_there) {
        if (terminal >= 0)
            close(terminal);
        return LINE_NONE;
    }
    pthread_mutex_lock(&lock);
    shown = quiet;
    hidden_terminal = terminal;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    tcsetattr(terminal, TCSAFLUSH, &quiet);
    pthread_mutex_unlock(&lock);

    line_read how = write(terminal, prompt, strlen(prompt)) >= 0 ? read_line(terminal, out, room) : LINE_NONE;
    pthread_mutex_lock(&lock);
    show_again();
    hidden_terminal = -1;
    pthread_mutex_unlock(&lock);
    close(terminal);
    return how;
}
