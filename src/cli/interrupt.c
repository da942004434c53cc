/* Ctrl-C and SIGTERM; see interrupt.h. */
#include "cli/interrupt.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/command.h"

static atomic_bool came;
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

static void *watch(void *signals) {
    for (;;) {
        int number;
        if (sigwait(signals, &number) != 0)
            continue;
        pthread_mutex_lock(&lock);
        if (atomic_exchange(&came, true) || hidden_terminal >= 0) {
            show_again();
            _exit(EXIT_INTERRUPTED);
        }
        if (child != 0)
            kill(child, SIGTERM);
        if (client != NULL)
            teleai_cancel(client, NULL);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

void interrupts_watch(void) {
    static sigset_t signals;
    pthread_t thread;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (pthread_create(&thread, NULL, watch, &signals) != 0)
        pthread_sigmask(SIG_UNBLOCK, &signals, NULL); /* then they end us as they end anybody */
    else
        pthread_detach(thread);
}

bool interrupted(void) { return atomic_load(&came); }

void interrupts_cancel(teleai_client *whose) {
    pthread_mutex_lock(&lock);
    client = whose;
    pthread_mutex_unlock(&lock);
}

void interrupts_end(int process) {
    pthread_mutex_lock(&lock);
    child = process;
    pthread_mutex_unlock(&lock);
}

bool read_hidden(const char *prompt, char *out, int bytes) {
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios quiet;
    if (terminal < 0 || tcgetattr(terminal, &quiet) != 0) {
        if (terminal >= 0)
            close(terminal);
        return false;
    }
    pthread_mutex_lock(&lock);
    shown = quiet;
    hidden_terminal = terminal;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    tcsetattr(terminal, TCSAFLUSH, &quiet);
    pthread_mutex_unlock(&lock);

    bool written = write(terminal, prompt, strlen(prompt)) >= 0, ended = false;
    int length = 0;
    char letter;
    while (written && !ended && read(terminal, &letter, 1) == 1) {
        ended = letter == '\n';
        if (!ended && length < bytes - 1)
            out[length++] = letter;
    }
    out[length] = 0;
    pthread_mutex_lock(&lock);
    show_again();
    hidden_terminal = -1;
    pthread_mutex_unlock(&lock);
    close(terminal);
    return ended;
}
