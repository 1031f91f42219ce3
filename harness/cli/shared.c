/* SPDX-License-Identifier: MIT */
/* shared.c - what commands share: permission to open libraries, interrupts, output files,
 * words for a shell. */
#include "cli/command.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* ---- libraries ---------------------------------------------------------------------------- */

static const options *given; /* by the user */

void allow_libraries(const options *o) {
    given = o;
}

bool library_allowed(const char *library) {
    if (!given)
        return false;
    bool named = given->arith && strstr(given->arith, library);
    for (size_t i = 0; i < given->n_overrides; i++)
        named |= strstr(given->overrides[i], library) != NULL;
    return named || given->allow_library;
}

/* ---- interrupts --------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupt_seen;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    interrupt_seen = 1;
}

bool interrupted(void) {
    return interrupt_seen;
}

void catch_interrupts(void) {
    /* Once: a second Ctrl-C ends the program at once. */
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of writing, and said so */
}

/* ---- the clock ---------------------------------------------------------------------------- */

static double deadline = HUGE_VAL; /* of monotonic_seconds() */

double monotonic_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void set_clock(double seconds) {
    deadline = monotonic_seconds() + seconds;
}

bool out_of_time(void) {
    return monotonic_seconds() >= deadline;
}

bf_status stopped_in_time(const options *o, const char *path) {
    if (!o->quiet)
        fprintf(stderr, "bitfate: out of time; the same command goes on from here (%s)\n", path);
    return BF_INCONCLUSIVE;
}

/* ---- output files ------------------------------------------------------------------------- */

bf_status refuse_overwriting(const char *output, const char *input, bf_error *err) {
    struct stat a, b;
    if (stat(output, &a) == 0 && stat(input, &b) == 0 && S_ISREG(a.st_mode) &&
        a.st_dev == b.st_dev && a.st_ino == b.st_ino)
        return bf_fail(err, BF_EINPUT, "%s: would be overwritten, but is what is read", output);
    return BF_OK;
}

bf_status open_output(FILE **out, const char *path, bf_error *err) {
    *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (!*out)
        return bf_fail(err, errno == ENOSPC || errno == EIO ? BF_EMACHINE : BF_EINPUT, "'%s': %s",
                       path, strerror(errno));
    return BF_OK;
}

bf_status close_output(FILE *f, const char *path, bf_error *err) {
    errno = 0;
    bool failed = ferror(f) != 0;
    failed |= (f == stdout ? fflush(f) : fclose(f)) != 0;
    if (failed)
        return bf_fail(err, BF_EMACHINE, "%s: could not be written: %s",
                       strcmp(path, "-") == 0 ? "standard output" : path,
                       errno ? strerror(errno) : "I/O error");
    return BF_OK;
}

bf_status print_json(struct json_t *document, bf_error *err) {
    int failed = !document || json_dumpf(document, stdout, JSON_INDENT(2)) != 0;
    json_decref(document);
    putchar('\n');
    if (!document)
        return bf_no_memory(err);
    (void)failed; /* close_output says so */
    return close_output(stdout, "-", err);
}

/* ---- words -------------------------------------------------------------------------------- */

void put_quoted(FILE *f, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_=./:,+@%";
    const bool bare = *word && word[strspn(word, plain)] == '\0';
    if (!bare)
        putc('\'', f);
    for (const char *p = word; *p; p++)
        *p == '\'' ? fputs("'\\''", f) : fputc(*p, f);
    if (!bare)
        putc('\'', f);
}
