/* SPDX-License-Identifier: MIT */
/* bless.c - bitfate bless: record golden traces. The only command that writes them. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/run.h"
#include "run/scope.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* DIR/NAME.ARITHMETIC.golden, the arithmetic's / and : as -. */
static bf_status golden_path(char *out, size_t size, const char *dir, const run *r, bf_error *err) {
    char arithmetic[sizeof r->arithmetic.name];
    strcpy(arithmetic, r->arithmetic.name);
    for (char *p = arithmetic; *p; p++)
        if (*p == '/' || *p == ':')
            *p = '-';
    if (snprintf(out, size, "%s/%s.%s.golden", dir, r->x->name, arithmetic) >= (int)size)
        return bf_fail(err, BF_EINPUT, "%.60s...: the path is too long", out);
    return BF_OK;
}

/* The golden that stands there now, or NULL. A trace that is no golden has no scope. */
static bf_status present(const char *path, bf_trace **out, bf_error *err) {
    *out = NULL;
    return access(path, F_OK) == 0 ? bf_trace_read(out, path, err) : BF_OK;
}

/* The scope of a golden of this arithmetic: the widest it can promise, or what --scope narrows. */
static bf_status choose_scope(const bf_arithmetic *a, const char *wanted, char out[SCOPE_SIZE],
                              bf_error *err) {
    const bf_scope widest = bf_arithmetic_scope(a);
    bf_scope scope = widest;
    if (wanted && bf_scope_parse(wanted, &scope) && scope < widest)
        return bf_fail(err, BF_EINPUT,
                       "--scope %s: %s does not promise its bits that widely; expected %s", wanted,
                       a->name, bf_scope_name(widest));
    return scope_here(scope, a, out, err);
}

static bf_status write_golden(const char *path, const experiment *x, const char *arithmetic,
                              const blessing *b, const limits *l, bf_error *err) {
    run r;
    bf_status s = run_open(&r, x, arithmetic, l, err);
    if (s != BF_OK)
        return s;
    bf_hash final;
    FILE *f = NULL;
    s = open_output(&f, path, err);
    BF_TRY(s, run_write(&r, f, b, &final, err));
    if (s == BF_OK && !bf_hash_equal(&final, &b->final))
        s = bf_fail(err, BF_EINPUT,
                    "%s gave different bits when run twice; a golden of it would mean nothing",
                    arithmetic);
    run_close(&r);
    return end_output(f, path, s, err);
}

static bf_status bless(const experiment *x, const char *arithmetic, const options *o,
                       json_t *report, bf_error *err) {
    run r;
    char path[4096], scope[SCOPE_SIZE];
    bf_trace *before = NULL;
    blessing b = {.why = o->why, .scope = scope};
    bf_status s = run_open(&r, x, arithmetic, &o->limits, err);
    if (s != BF_OK)
        return s;
    s = choose_scope(&r.arithmetic, o->scope, scope, err);
    BF_TRY(s, run_write(&r, NULL, NULL, &b.final, err));
    BF_TRY(s, golden_path(path, sizeof path, o->output, &r, err));
    BF_TRY(s, present(path, &before, err));
    run_close(&r);
    if (s != BF_OK)
        return s;
    b.replaces = before ? &before->final : NULL;
    const bool there = before != NULL;
    const bool same = there && bf_hash_equal(&before->final, &b.final) && before->scope &&
                      strcmp(before->scope, scope) == 0;
    char old_text[33] = "", new_text[33];
    bf_hash_text(&b.final, new_text);
    if (there)
        bf_hash_text(&before->final, old_text);
    if (!same)
        s = write_golden(path, x, arithmetic, &b, &o->limits, err);
    bf_trace_free(before);
    if (s != BF_OK)
        return s;
    json_array_append_new(report,
                          json_pack("{s:s, s:s, s:s, s:s*, s:s, s:b}", "golden", path, "arithmetic",
                                    arithmetic, "scope", scope, "replaces", there ? old_text : NULL,
                                    "final", new_text, "written", !same));
    if (!o->json && !o->quiet)
        printf("%s  %s%s%s\n", path, new_text,
               same    ? "  unchanged"
               : there ? "  replaces "
                       : "  new",
               same ? "" : old_text);
    return BF_OK;
}

static bf_status run_bless(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    if (!o->why || !*o->why || strpbrk(o->why, "\n\r"))
        return bf_fail(err, BF_EINPUT,
                       "a golden says why it was recorded: expected --why TEXT, one line");
    if (!o->output)
        return bf_fail(err, BF_EINPUT, "expected -o DIR, the folder of the goldens");
    experiment *x;
    bf_status s =
        experiment_load(&x, arguments[0], o->overrides, o->n_overrides, o->limits.data_folder, err);
    if (s != BF_OK)
        return s;
    struct stat st;
    if ((mkdir(o->output, 0777) != 0 && errno != EEXIST) || stat(o->output, &st) != 0 ||
        !S_ISDIR(st.st_mode)) {
        experiment_free(x);
        return bf_fail(err, BF_EINPUT, "'%s': expected a folder, there or to be made", o->output);
    }
    json_t *report = json_array();
    if (!report)
        s = bf_no_memory(err);
    for (unsigned i = 0; s == BF_OK && i < (o->arith ? 1 : x->n_arithmetics); i++)
        s = bless(x, o->arith ? o->arith : x->arithmetics[i], o, report, err);
    experiment_free(x);
    if (s == BF_OK && o->json)
        return print_json(report, err);
    json_decref(report);
    return s == BF_OK ? close_output(stdout, "-", err) : s;
}

const command command_bless = {
    .name = "bless",
    .arguments = "EXPERIMENT",
    .summary = "Record golden traces, with the reason",
    .help = "One golden for each arithmetic of the experiment, or for --arith A alone:\n"
            "DIR/NAME.ARITHMETIC.golden. Its header says why, and names the hash it replaces. A\n"
            "golden whose hash and scope would stay the same is left as it is.\n\n"
            "The header also says where the bits are promised, its scope: any (every machine with\n"
            "IEEE 754 arithmetic: all but blas), kernel (this kernel path and version), or binary\n"
            "(this executable, CBLAS, libm and processor: blas). --scope narrows it.\n\n"
            "  bitfate bless experiments/minimal.yaml -o golden --why 'first release'\n",
    .takes = "set arith output why scope allow-library",
    .output = "DIR",
    .least = 1,
    .most = 1,
    .run = run_bless,
};
