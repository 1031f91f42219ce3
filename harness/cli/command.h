/* SPDX-License-Identifier: MIT */
/* command.h - commands of the program: each is one file that defines one `const struct command`,
 * and one line in main.c's table. */
#ifndef COMMAND_H
#define COMMAND_H

#include "experiment/experiment.h"

/* Options, as bits: which a command takes. Those in OPT_COMMON every command takes. */
enum {
    OPT_JSON = 1 << 0,
    OPT_QUIET = 1 << 1,
    OPT_THREADS = 1 << 2,
    OPT_KERNEL = 1 << 3,
    OPT_SET = 1 << 4,
    OPT_ARITH = 1 << 5,
    OPT_TRACE = 1 << 6,
    OPT_OUTPUT = 1 << 7,
    OPT_WHY = 1 << 8,
    OPT_CSV = 1 << 9,
    OPT_MD = 1 << 10,
    OPT_TRACES = 1 << 11,
    OPT_HELP = 1 << 12,
    OPT_LIBRARY = 1 << 13,
    OPT_VIEW = 1 << 14,
    OPT_ZOOM = 1 << 15,
    OPT_POINTS = 1 << 16,
    OPT_SHADE = 1 << 17,
    OPT_RAW = 1 << 18,
    OPT_STORE = 1 << 19,
    OPT_REPRODUCIBLE = 1 << 20,
    OPT_WEIGHTS = 1 << 21,
    OPT_HOSTILE = 1 << 22,
    OPT_JUNIT = 1 << 23,
    OPT_SARIF = 1 << 24,
    OPT_RECORD = 1 << 25,
    OPT_SCOPE = 1 << 26,
    OPT_MAX_TIME = 1 << 27,
    OPT_COMMON = OPT_JSON | OPT_QUIET | OPT_THREADS | OPT_KERNEL | OPT_HELP
};

typedef struct options {
    bool json, quiet, csv, md, allow_library, reproducible, help, raw;
    int threads;           /* 0: one per processor */
    uint64_t record_every; /* steps; 0: not given */
    double max_time;       /* seconds; 0: not given */
    const char *kernel, *arith, *trace, *traces, *weights, *output, *why;
    const char *view, *zoom, *points, *shade, *store;
    const char *rounding, *junit, *sarif, *scope;
    bool flush;
    const char *const *overrides;
    size_t n_overrides;
    const char *command_line; /* as typed, quoted for a shell */
} options;

typedef struct command {
    const char *name, *arguments, *summary;
    const char *help;   /* after the options: what the command does, its output, an example */
    const char *output; /* what -o takes, when it takes it */
    unsigned takes;     /* beyond OPT_COMMON */
    int least, most;    /* arguments; most -1: any number */
    bf_status (*run)(const options *o, int n, char **arguments, bf_error *err);
} command;

extern const command command_train, command_verify, command_bless, command_diff, command_sweep,
    command_ladder, command_lyapunov, command_map, command_report, command_list, command_matrix,
    command_claim;

/* A word as a shell reads it back. */
void put_quoted(FILE *f, const char *word);

struct json_t;
/* Print a document on standard output and free it. */
BF_MUST_CHECK bf_status print_json(struct json_t *document, bf_error *err);

/* Set by the first interrupt signal, once they are caught; work then stops at the next safe point.
 */
bool interrupted(void);
void catch_interrupts(void);

/* Seconds, from some beginning, that no one sets back. */
double monotonic_seconds(void);

/* Whether so many seconds have passed since the clock was set; never when it was not. No run is
 * begun then; those on their way end. */
void set_clock(double seconds);
bool out_of_time(void);
/* What a command says then, and its status: BF_INCONCLUSIVE. `path`: the store. */
bf_status stopped_in_time(const options *o, const char *path);

/* Whether an arithmetic such as f64/blas:LIBRARY.so may open its library, which runs the library's
 * code: the user named it on the command line, or allowed it. Files come from strangers. */
bool library_allowed(const char *library);
/* What the user named and allowed; `o` must stay. Until then nothing is. */
void allow_libraries(const options *o);

/* BF_EINPUT when both are the same file. */
BF_MUST_CHECK bf_status refuse_overwriting(const char *output, const char *input, bf_error *err);
/* Open a file for writing, "-" being standard output. */
BF_MUST_CHECK bf_status open_output(FILE **out, const char *path, bf_error *err);
/* Close it; whatever could not be written is an error. */
BF_MUST_CHECK bf_status close_output(FILE *f, const char *path, bf_error *err);

#endif
