/* SPDX-License-Identifier: MIT */
/* main.c - bitfate: commands, options, exit status. */
#include "cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined _OPENMP
#include <omp.h>
#endif

static const command *const commands[] = {
    &command_train,  &command_verify, &command_bless,    &command_diff,
    &command_sweep,  &command_ladder, &command_lyapunov, &command_map,
    &command_report, &command_list,   &command_matrix,   &command_claim,
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

/* ---- options ------------------------------------------------------------------------------ */

static const struct option_row {
    const char *name;
    char letter; /* 0: none */
    const char *argument;
    unsigned bit;
    const char *help;
} option_rows[] = {
    {"arith", 'a', "A", OPT_ARITH, "arithmetic, e.g. f64, f64/exact, mpfr:256 (bitfate list)"},
    {"set", 's', "PATH=VALUE", OPT_SET, "override a field of the experiment, e.g. train.steps=200"},
    {"output", 'o', "PATH", OPT_OUTPUT, "where to write"},
    {"trace", 0, "FILE", OPT_TRACE, "write the trace of the run (-: standard output)"},
    {"record-every", 0, "N", OPT_RECORD, "record steps 0, N, 2N, ... and the last only"},
    {"weights", 0, "FILE", OPT_WEIGHTS, "write the parameters at every step, as CSV"},
    {"traces", 0, "DIR", OPT_TRACES, "keep the traces of runs that differ"},
    {"why", 0, "TEXT", OPT_WHY, "why the golden is recorded or changed (required)"},
    {"scope", 0, "SCOPE", OPT_SCOPE, "any, kernel or binary: where the goldens' bits are promised"},
    {"allow-library", 0, NULL, OPT_LIBRARY, "open the BLAS libraries that files name"},
    {"view", 0, "NAME", OPT_VIEW, "draw this view; default: all"},
    {"zoom", 0, "X0:X1,Y0:Y1", OPT_ZOOM, "another box for the view, exact numbers"},
    {"points", 0, "N", OPT_POINTS, "another number of starts along each side"},
    {"shade", 0, "WHAT", OPT_SHADE, "brightness: none, distance, step; default: the file's"},
    {"raw", 0, NULL, OPT_RAW, "one pixel for each start, no title, axes and legend"},
    {"store", 0, "FILE", OPT_STORE, "where the outcomes are kept; default: PNG's name, .store"},
    {"rounding", 0, "MODE", OPT_HOSTILE, "call the engine while rounding up, down or to zero"},
    {"flush", 0, NULL, OPT_HOSTILE, "call the engine while subnormals are flushed to zero"},
    {"junit", 0, "FILE", OPT_JUNIT, "write the cells as JUnit XML"},
    {"sarif", 0, "FILE", OPT_SARIF, "write the differences as SARIF 2.1.0"},
    {"reproducible", 0, NULL, OPT_REPRODUCIBLE, "say what was run, not when, where or by what"},
    {"csv", 0, NULL, OPT_CSV, "rows for a spreadsheet, on standard output"},
    {"md", 0, NULL, OPT_MD, "Markdown, on standard output"},
    {"max-time", 0, "TIME", OPT_MAX_TIME, "begin no run after so long: 90, 15m, 2h; status 4 then"},
    {"json", 0, NULL, OPT_JSON, "one JSON document on standard output"},
    {"threads", 't', "N", OPT_THREADS, "threads; default: one per processor"},
    {"kernel", 0, "NAME", OPT_KERNEL, "kernel path: auto, avx512, avx2, plain (same bits)"},
    {"quiet", 'q', NULL, OPT_QUIET, "no progress bar, no remarks"},
    {"help", 'h', NULL, OPT_HELP, "this text"},
};
enum { N_OPTIONS = sizeof option_rows / sizeof *option_rows };

static const char statuses[] =
    "Exit status: 0 same or done, 1 compared and different, 2 bad usage or input,\n"
    "3 the machine failed (nothing is lost), 4 inconclusive (something could not be run or\n"
    "compared here), 130 interrupted (a sweep can be resumed).\n";

static void print_usage(const command *c, FILE *f) {
    fprintf(f, "usage: bitfate %s [OPTIONS] %s\n\n%s.\n\n", c->name, c->arguments, c->summary);
    for (const struct option_row *r = option_rows; r < option_rows + N_OPTIONS; r++)
        if (r->bit & (c->takes | OPT_COMMON)) {
            char text[64];
            const char *argument = r->bit == OPT_OUTPUT ? c->output : r->argument;
            snprintf(text, sizeof text, "%s%s%s", r->name, argument ? " " : "",
                     argument ? argument : "");
            if (r->letter)
                fprintf(f, "  -%c, --%-18s %s\n", r->letter, text, r->help);
            else
                fprintf(f, "      --%-18s %s\n", text, r->help);
        }
    fprintf(f, "\n%s\n%s", c->help, statuses);
}

static void print_overview(FILE *f) {
    fputs("bitfate: does the last bit decide the fate of a training run?\n\n"
          "usage: bitfate COMMAND [OPTIONS] [ARGUMENTS]\n\n",
          f);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(f, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(f, "\nbitfate COMMAND --help tells more. bitfate --version names the build.\n%s",
            statuses);
}

static void print_version(void) {
    printf("bitfate %s\n%s, flags %s\n%s\nkernel paths here:", bf_version(), bf_compiler(),
           bf_compiler_flags(), bf_libraries());
    for (size_t i = 0; bf_kernel(i); i++)
        printf(" %s", bf_kernel(i));
    putchar('\n');
}

static bf_status usage_error(const command *c, bf_error *err, const char *what, const char *word) {
    return bf_fail(err, BF_EINPUT, "%s%s%s%s (see: bitfate %s --help)", what, word ? " '" : "",
                   word ? word : "", word ? "'" : "", c->name);
}

/* Seconds of `90`, `15m` or `2h`; 0: it is none of these. */
static double seconds_of(const char *text) {
    char *end;
    const double value = strtod(text, &end), unit = strcmp(end, "h") == 0                   ? 3600
                                                    : strcmp(end, "m") == 0                 ? 60
                                                    : strcmp(end, "s") == 0 || *end == '\0' ? 1
                                                                                            : 0;
    return isdigit((unsigned char)*text) && !strpbrk(text, "xX") && value * unit <= 1e9
               ? value * unit
               : 0;
}

static bf_status take_option(const command *c, const struct option_row *r, const char *value,
                             options *o, const char **overrides, bf_error *err) {
    switch (r->bit) {
    case OPT_JSON:
        o->json = true;
        break;
    case OPT_QUIET:
        o->quiet = true;
        break;
    case OPT_LIBRARY:
        o->allow_library = true;
        break;
    case OPT_REPRODUCIBLE:
        o->reproducible = true;
        break;
    case OPT_CSV:
        o->csv = true;
        break;
    case OPT_MD:
        o->md = true;
        break;
    case OPT_RAW:
        o->raw = true;
        break;
    case OPT_VIEW:
        o->view = value;
        break;
    case OPT_ZOOM:
        o->zoom = value;
        break;
    case OPT_POINTS:
        o->points = value;
        break;
    case OPT_SHADE:
        o->shade = value;
        break;
    case OPT_STORE:
        o->store = value;
        break;
    case OPT_KERNEL:
        o->kernel = value;
        break;
    case OPT_ARITH:
        o->arith = value;
        break;
    case OPT_TRACE:
        o->trace = value;
        break;
    case OPT_WEIGHTS:
        o->weights = value;
        break;
    case OPT_TRACES:
        o->traces = value;
        break;
    case OPT_OUTPUT:
        o->output = value;
        break;
    case OPT_WHY:
        o->why = value;
        break;
    case OPT_HOSTILE:
        if (value)
            o->rounding = value;
        else
            o->flush = true;
        break;
    case OPT_JUNIT:
        o->junit = value;
        break;
    case OPT_SARIF:
        o->sarif = value;
        break;
    case OPT_RECORD: {
        char *end;
        o->record_every = strtoull(value, &end, 10);
        if (*value < '1' || *value > '9' || *end || strlen(value) > 18)
            return usage_error(c, err, "--record-every: expected a number from 1 to 10^18, got",
                               value);
        break;
    }
    case OPT_MAX_TIME:
        o->max_time = seconds_of(value);
        if (!(o->max_time > 0))
            return usage_error(c, err, "--max-time: expected seconds, or a number of m or h, got",
                               value);
        break;
    case OPT_SCOPE:
        o->scope = value;
        break;
    case OPT_SET:
        overrides[o->n_overrides++] = value;
        break;
    default: { /* OPT_THREADS */
        char *end;
        errno = 0;
        long n = strtol(value, &end, 10);
        if (*end || end == value || errno || n < 1 || n > 4096)
            return usage_error(c, err, "--threads: expected a number from 1 to 4096, got", value);
        o->threads = (int)n;
    }
    }
    return BF_OK;
}

/* Fill `o` from the command's words. Returns the number of words consumed through optind. */
static bf_status parse_options(const command *c, int argc, char **argv, options *o,
                               const char **overrides, bf_error *err) {
    struct option longs[N_OPTIONS + 1] = {{0}};
    char shorts[2 * N_OPTIONS + 2] = ":";
    int n = 0;
    size_t s = 1;
    for (int i = 0; i < N_OPTIONS; i++) {
        const struct option_row *r = &option_rows[i];
        if (!(r->bit & (c->takes | OPT_COMMON)))
            continue;
        longs[n++] =
            (struct option){r->name, r->argument ? required_argument : no_argument, NULL, 256 + i};
        if (r->letter) {
            shorts[s++] = r->letter;
            if (r->argument)
                shorts[s++] = ':';
        }
    }
    opterr = 0;
    int found;
    while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (found == '?' || found == ':')
            return usage_error(c, err,
                               found == '?' ? "unknown option" : "an argument is missing after",
                               argv[optind - 1]);
        int row = found - 256;
        for (int i = 0; found < 256 && i < N_OPTIONS; i++)
            if (option_rows[i].letter == found)
                row = i;
        if (option_rows[row].bit == OPT_HELP) {
            o->help = true;
            return BF_OK;
        }
        if (found >= 256) { /* no abbreviations: what is clear today may not be tomorrow */
            const char *word = argv[optind - 1] == optarg ? argv[optind - 2] : argv[optind - 1];
            if (strcspn(word + 2, "=") != strlen(option_rows[row].name))
                return usage_error(c, err, "unknown option", word);
        }
        bf_status status = take_option(c, &option_rows[row], optarg, o, overrides, err);
        if (status != BF_OK)
            return status;
    }
    o->overrides = overrides;
    int left = argc - optind;
    if (left < c->least)
        return usage_error(c, err, "an argument is missing; expected", c->arguments);
    if (c->most >= 0 && left > c->most)
        return usage_error(c, err, "one argument too many:", argv[optind + c->most]);
    return BF_OK;
}

/* The words of the command line, quoted where a shell needs it. */
static char *quoted(int argc, char **argv) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return NULL;
    fputs("bitfate", f);
    for (int i = 1; i < argc; i++) {
        putc(' ', f);
        put_quoted(f, argv[i]);
    }
    fclose(f);
    return text;
}

static bf_status run(const command *c, int argc, char **argv, const char *command_line,
                     bf_error *err) {
    const char **overrides = calloc((size_t)argc + 1, sizeof *overrides);
    options o = {.command_line = command_line ? command_line : ""};
    if (!overrides)
        return bf_no_memory(err);
    bf_status s = parse_options(c, argc, argv, &o, overrides, err);
    BF_TRY(s, bf_kernel_force(o.kernel, err));
#if defined _OPENMP
    if (s == BF_OK && o.threads)
        omp_set_num_threads(o.threads);
#endif
    allow_libraries(&o);
    if (o.max_time > 0)
        set_clock(o.max_time);
    if (s == BF_OK && o.help) {
        print_usage(c, stdout);
        s = close_output(stdout, "-", err);
    } else if (s == BF_OK)
        s = c->run(&o, argc - optind, argv + optind, err);
    free(overrides);
    return s;
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : NULL;
    bf_error err = {.text = ""};
    bf_status s;
    int i = 0;
    catch_interrupts();
    if (argc < 2) {
        print_overview(stderr);
        return BF_EINPUT;
    }
    while (i < N_COMMANDS && strcmp(commands[i]->name, name) != 0)
        i++;
    if (i < N_COMMANDS) {
        char *command_line = quoted(argc, argv);
        s = run(commands[i], argc - 1, argv + 1, command_line, &err);
        free(command_line);
    } else if (strcmp(name, "--version") == 0) {
        print_version();
        s = close_output(stdout, "-", &err);
    } else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
               strcmp(name, "help") == 0) {
        print_overview(stdout);
        s = close_output(stdout, "-", &err);
    } else {
        s = bf_fail(&err, BF_EINPUT, "'%.40s' is not a command (see: bitfate --help)", name);
    }
    if (s != BF_OK && s != BF_DIFFERENT && s != BF_INCONCLUSIVE && !err.said)
        fprintf(stderr, "bitfate: %s\n", err.text);
    bf_thread_end();
    return (int)s;
}
