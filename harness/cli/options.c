/* SPDX-License-Identifier: MIT */
/* options.c - the options of all commands, one row each. */
#include "cli/options.h"

#include "cli/command.h"

#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum option_type {
    FLAG,  /* bool */
    TEXT,  /* const char * */
    WHOLE, /* uint64_t, from low to high */
    TIME,  /* double, seconds: 90, 15m or 2h */
    SET    /* one more of the overrides */
} option_type;

typedef struct option_row {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: the command's, of its output */
    option_type type;
    size_t field;
    const char *help;     /* NULL: an older name, not listed */
    const char *words[4]; /* TEXT: these only, when there are any */
    uint64_t low, high;
} option_row;

#define FIELD(name) offsetof(options, name)

static const option_row rows[] = {
    {"arith", 'a', "A", TEXT, FIELD(arith),
     .help = "arithmetic, e.g. f64, f64/exact, mpfr:256 (bitfate list)"},
    {"set", 's', "PATH=VALUE", SET, FIELD(overrides),
     .help = "override a field of the experiment, e.g. train.steps=200"},
    {"output", 'o', NULL, TEXT, FIELD(output), .help = "where to write"},
    {"trace", 0, "FILE", TEXT, FIELD(trace),
     .help = "write the trace of the run (-: standard output)"},
    {"record-every", 0, "N", WHOLE, FIELD(record_every),
     .help = "record steps 0, N, 2N, ... and the last only", .low = 1,
     .high = UINT64_C(1000000000000000000)},
    {"weights", 0, "FILE", TEXT, FIELD(weights),
     .help = "write the parameters at every step, as CSV"},
    {"traces", 0, "DIR", TEXT, FIELD(traces), .help = "keep the traces of runs that differ"},
    {"why", 0, "TEXT", TEXT, FIELD(why),
     .help = "why the golden is recorded or changed (required)"},
    {"scope", 0, "SCOPE", TEXT, FIELD(scope),
     .help = "any, kernel or binary: where the goldens' bits are promised",
     .words = {"any", "kernel", "binary"}},
    {"allow-library", 0, "", FLAG, FIELD(allow_library),
     .help = "open the BLAS libraries that files name"},
    {"view", 0, "NAME", TEXT, FIELD(view), .help = "draw this view; default: all"},
    {"zoom", 0, "X0:X1,Y0:Y1", TEXT, FIELD(zoom),
     .help = "another box for the view, exact numbers"},
    {"points", 0, "N", TEXT, FIELD(points), .help = "another number of starts along each side"},
    {"shade", 0, "WHAT", TEXT, FIELD(shade),
     .help = "brightness: none, distance, step; default: the file's"},
    {"raw", 0, "", FLAG, FIELD(raw), .help = "one pixel for each start, no title, axes and legend"},
    {"store", 0, "FILE", TEXT, FIELD(store),
     .help = "where the outcomes are kept; default: PNG's name, .store"},
    {"rounding", 0, "MODE", TEXT, FIELD(rounding),
     .help = "call the engine while rounding up, down or to zero"},
    {"flush", 0, "", FLAG, FIELD(flush),
     .help = "call the engine while subnormals are flushed to zero"},
    {"junit", 0, "FILE", TEXT, FIELD(junit), .help = "write the cells as JUnit XML"},
    {"sarif", 0, "FILE", TEXT, FIELD(sarif), .help = "write the differences as SARIF 2.1.0"},
    {"reproducible", 0, "", FLAG, FIELD(reproducible),
     .help = "say what was run, not when, where or by what"},
    {"csv", 0, "", FLAG, FIELD(csv), .help = "rows for a spreadsheet, on standard output"},
    {"md", 0, "", FLAG, FIELD(md), .help = "Markdown, on standard output"},
    {"max-time", 0, "TIME", TIME, FIELD(max_time),
     .help = "begin no run after so long: 90, 15m, 2h; status 4 then"},
    {"json", 0, "", FLAG, FIELD(json), .help = "one JSON document on standard output"},
    {"threads", 't', "N", WHOLE, FIELD(threads), .help = "threads; default: one per processor",
     .low = 1, .high = 4096},
    {"isa", 0, "NAME", TEXT, FIELD(isa),
     .help = "instruction set: auto, avx512, avx2, plain (same bits)"},
    {"kernel", 0, "NAME", TEXT, FIELD(isa), .help = NULL},
    {"quiet", 'q', "", FLAG, FIELD(quiet), .help = "no progress bar, no remarks"},
    {"help", 'h', "", FLAG, FIELD(help), .help = "this text"},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

/* What every command takes. */
static const char common[] = "json threads isa kernel quiet help";

static bool has_word(const char *list, const char *word) {
    const size_t n = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += n)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

static bool takes(const command *c, const option_row *r) {
    return has_word(common, r->name) || has_word(c->takes, r->name);
}

void options_print(const command *c, FILE *f) {
    for (const option_row *r = rows; r < rows + N_ROWS; r++) {
        char text[64];
        const char *argument = r->argument ? r->argument : c->output;
        if (!takes(c, r) || !r->help)
            continue;
        snprintf(text, sizeof text, "%s%s%s", r->name, *argument ? " " : "", argument);
        if (r->letter)
            fprintf(f, "  -%c, --%-18s %s\n", r->letter, text, r->help);
        else
            fprintf(f, "      --%-18s %s\n", text, r->help);
    }
}

/* ---- values ------------------------------------------------------------------------------- */

static bf_status usage_error(const command *c, bf_error *err, const char *what, const char *word) {
    return bf_fail(err, BF_EINPUT, "%s '%s' (see: bitfate %s --help)", what, word, c->name);
}

/* Seconds of `90`, `15m` or `2h`; 0: it is none of these. */
static double seconds_of(const char *text) {
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
    char *end;
    const double value = strtod(text, &end);
    if (!isdigit((unsigned char)*text) || strpbrk(text, "xX"))
        return 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].name) == 0 && value * units[i].seconds <= 1e9)
            return value * units[i].seconds;
    return 0;
}

/* Digits only, within the row's bounds; 0: it is not. */
static uint64_t whole_of(const option_row *r, const char *text) {
    const size_t digits = strspn(text, "0123456789");
    const uint64_t value = digits < 20 && text[digits] == '\0' ? strtoull(text, NULL, 10) : 0;
    return r->low <= value && value <= r->high ? value : 0;
}

static bool is_one_of(const char *const *words, const char *text) {
    size_t i = 0;
    while (words[i] && strcmp(words[i], text) != 0)
        i++;
    return words[i] || i == 0;
}

/* What the row's value must be, as text. */
static void put_expected(const option_row *r, char *out, size_t size) {
    int n = snprintf(out, size, "--%s: expected ", r->name);
    if (r->type == TIME)
        snprintf(out + n, size - (size_t)n, "seconds, or a number of m or h, got");
    else if (r->type == WHOLE)
        snprintf(out + n, size - (size_t)n, "a number from %" PRIu64 " to %" PRIu64 ", got", r->low,
                 r->high);
    else {
        for (size_t i = 0; r->words[i]; i++)
            n += snprintf(out + n, size - (size_t)n, "%s%s",
                          i == 0            ? ""
                          : r->words[i + 1] ? ", "
                                            : " or ",
                          r->words[i]);
        snprintf(out + n, size - (size_t)n, ", got");
    }
}

static bf_status take_value(options *o, const command *c, const option_row *r, const char *value,
                            bf_error *err) {
    void *field = (char *)o + r->field;
    bool good = true;
    switch (r->type) {
    case FLAG:
        *(bool *)field = true;
        break;
    case TEXT:
        *(const char **)field = value;
        good = is_one_of(r->words, value);
        break;
    case WHOLE:
        good = (*(uint64_t *)field = whole_of(r, value)) > 0;
        break;
    case TIME:
        good = (*(double *)field = seconds_of(value)) > 0;
        break;
    case SET:
        o->overrides[o->n_overrides++] = value;
    }
    if (good)
        return BF_OK;
    char expected[128];
    put_expected(r, expected, sizeof expected);
    return usage_error(c, err, expected, value);
}

/* ---- words -------------------------------------------------------------------------------- */

/* The rows that the command takes, as getopt_long wants them; a row's number is its value. */
typedef struct spelling {
    struct option longs[N_ROWS + 1];
    char shorts[2 * N_ROWS + 2];
} spelling;

static void spell(spelling *out, const command *c) {
    size_t n = 0, s = 0;
    *out = (spelling){.shorts = ""};
    out->shorts[s++] = ':';
    for (int i = 0; i < N_ROWS; i++) {
        const option_row *r = &rows[i];
        const bool argument = r->type != FLAG;
        if (!takes(c, r))
            continue;
        out->longs[n++] =
            (struct option){r->name, argument ? required_argument : no_argument, NULL, 256 + i};
        if (r->letter)
            out->shorts[s++] = r->letter;
        if (r->letter && argument)
            out->shorts[s++] = ':';
    }
}

static const option_row *row_of(int found) {
    const option_row *r = rows;
    if (found >= 256)
        return &rows[found - 256];
    while (r->letter != found)
        r++;
    return r;
}

/* No abbreviations: what is clear today may not be tomorrow. */
static bool is_whole(const option_row *r, const char *word) {
    return strcspn(word + 2, "=") == strlen(r->name);
}

static bf_status take_options(options *o, const command *c, int argc, char **argv, bf_error *err) {
    spelling words;
    spell(&words, c);
    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, words.shorts, words.longs, NULL)) != -1;) {
        if (found == '?' || found == ':')
            return usage_error(c, err,
                               found == '?' ? "unknown option" : "an argument is missing after",
                               argv[optind - 1]);
        const option_row *r = row_of(found);
        const char *word = argv[optind - 1] == optarg ? argv[optind - 2] : argv[optind - 1];
        if (found >= 256 && !is_whole(r, word))
            return usage_error(c, err, "unknown option", word);
        bf_status s = take_value(o, c, r, optarg, err);
        if (s != BF_OK || o->help)
            return s;
    }
    return BF_OK;
}

/* A command that names no row is an error of the program, which any use of the command shows. */
static bf_status check_rows(const command *c, bf_error *err) {
    size_t named = 0, found = 0;
    for (const char *p = c->takes; *p; p += strspn(p, " "), named++)
        p += strcspn(p, " ");
    for (int i = 0; i < N_ROWS; i++)
        found += has_word(c->takes, rows[i].name);
    return found == named ? BF_OK
                          : bf_fail(err, BF_EMACHINE,
                                    "bitfate %s takes '%s'; expected names of rows of options.c",
                                    c->name, c->takes);
}

bf_status options_parse(options *o, const command *c, int argc, char **argv, int *first,
                        bf_error *err) {
    o->overrides = calloc((size_t)argc + 1, sizeof *o->overrides);
    bf_status s = o->overrides ? check_rows(c, err) : bf_no_memory(err);
    BF_TRY(s, take_options(o, c, argc, argv, err));
    *first = optind;
    if (s != BF_OK || o->help)
        return s;
    const int left = argc - optind;
    if (left < c->least)
        return usage_error(c, err, "an argument is missing; expected", c->arguments);
    if (c->most >= 0 && left > c->most)
        return usage_error(c, err, "one argument too many:", argv[optind + c->most]);
    return BF_OK;
}

void options_free(options *o) {
    free((void *)o->overrides);
}
