/* SPDX-License-Identifier: MIT */
/* signals.c - the interrupt signals. */
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t seen;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    seen = 1;
}

bool signals_interrupted(void *unused) {
    (void)unused;
    return seen;
}

void signals_catch(void) {
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of writing, and said so */
}
