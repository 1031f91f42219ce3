/* SPDX-License-Identifier: MIT */
/* main.c - bitfate: the commands, their limits, the exit status. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/permission.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "studies/study.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined _OPENMP
#include <omp.h>
#endif

/* The commands beside those of studies. */
#define COMMANDS(EACH) \
    EACH(train)        \
    EACH(verify)       \
    EACH(bless)        \
    EACH(diff)         \
    EACH(report)       \
    EACH(list)

#define DECLARE(name) extern const command command_##name;
#define ENTRY(name) &command_##name,
COMMANDS(DECLARE)
static const command *const commands[] = {COMMANDS(ENTRY)};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

/* The i-th command of all; NULL: past the last. */
static const command *command_at(size_t i) {
    return i < N_COMMANDS            ? commands[i]
           : studies[i - N_COMMANDS] ? studies[i - N_COMMANDS]->command
                                     : NULL;
}

/* ---- help --------------------------------------------------------------------------------- */

static const char statuses[] =
    "Exit status: 0 same or done, 1 compared and different, 2 bad usage or input,\n"
    "3 the machine failed (nothing is lost), 4 inconclusive (something could not be run or\n"
    "compared here), 130 interrupted (a sweep can be resumed).\n";

static void print_usage(const command *c, FILE *f) {
    fprintf(f, "usage: bitfate %s [OPTIONS] %s\n\n%s.\n\n", c->name, c->arguments, c->summary);
    options_print(c, f);
    fprintf(f, "\n%s\n%s", c->help, statuses);
}

static void print_overview(FILE *f) {
    fputs("bitfate: does the last bit decide the fate of a training run?\n\n"
          "usage: bitfate COMMAND [OPTIONS] [ARGUMENTS]\n\n",
          f);
    const command *c;
    for (size_t i = 0; (c = command_at(i)); i++)
        fprintf(f, "  %-9s %s\n", c->name, c->summary);
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

/* ---- one command -------------------------------------------------------------------------- */

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

/* What the options, the interrupt signals and the terminal make of the limits. */
static bf_status set_limits(options *o, bf_error *err) {
    o->limits.interrupted = signals_interrupted;
    o->limits.threads = (int)o->threads;
    o->limits.data_folder = getenv("BITFATE_DATA");
    if (o->max_time > 0)
        o->limits.deadline = monotonic_seconds() + o->max_time;
    if (!o->quiet && !o->json && isatty(STDERR_FILENO))
        o->limits.show = terminal_show;
#if defined _OPENMP
    if (o->threads) /* also for a BLAS that uses OpenMP */
        omp_set_num_threads((int)o->threads);
#endif
    return permission_find(&o->limits, o, err);
}

static bf_status run(const command *c, int argc, char **argv, const char *command_line,
                     bf_error *err) {
    options o = {.command_line = command_line ? command_line : ""};
    int first = argc;
    bf_status s = options_parse(&o, c, argc, argv, &first, err);
    BF_TRY(s, bf_kernel_force(o.isa, err));
    BF_TRY(s, set_limits(&o, err));
    if (s == BF_OK && o.help) {
        print_usage(c, stdout);
        s = close_output(stdout, "-", err);
    } else if (s == BF_OK)
        s = c->run(&o, argc - first, argv + first, err);
    permission_free(&o.limits);
    options_free(&o);
    return s;
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : NULL;
    bf_error err = {.text = ""};
    bf_status s;
    size_t i = 0;
    signals_catch();
    if (argc < 2) {
        print_overview(stderr);
        return BF_EINPUT;
    }
    const command *c;
    while ((c = command_at(i)) && strcmp(c->name, name) != 0)
        i++;
    if (c) {
        char *command_line = quoted(argc, argv);
        s = run(c, argc - 1, argv + 1, command_line, &err);
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
