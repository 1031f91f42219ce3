/* SPDX-License-Identifier: MIT */
/* verify.c - bitfate verify: recompute golden traces and compare. Never writes a golden. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/difference.h"
#include "run/run.h"
#include "run/scope.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_golden(const struct dirent *d) {
    const char *ending = strrchr(d->d_name, '.');
    return ending && strcmp(ending, ".golden") == 0;
}

typedef struct tally {
    size_t same, different, outside, skipped, unusable;
} tally;

/* What became of one golden. */
typedef struct verdict {
    bool outside; /* its scope: not compared */
    bf_difference d;
    char here[SCOPE_SIZE]; /* the scope of what runs here */
    char kept[4200];       /* the trace made now */
} verdict;

/* The trace of the same run, made now; none (NULL) outside the golden's scope. */
static bf_status recompute(const bf_trace *golden, const char *path, const limits *l, verdict *v,
                           bf_trace **out, bf_error *err) {
    run r;
    bf_scope scope;
    *out = NULL;
    bf_status s = run_reopen(&r, golden, path, l, err);
    if (s != BF_OK)
        return s;
    bf_hash final;
    FILE *f = NULL;
    if (!bf_scope_parse(golden->scope, &scope))
        scope = bf_arithmetic_scope(&r.arithmetic);
    s = scope_here(scope, &r.arithmetic, v->here, err);
    v->outside = s == BF_OK && strcmp(v->here, golden->scope) != 0;
    if (s == BF_OK && !v->outside)
        s = open_output(&f, v->kept, err);
    if (f)
        s = end_output(f, v->kept, run_write(&r, f, NULL, &final, err), err);
    run_close(&r);
    return s == BF_OK && !v->outside ? bf_trace_read(out, v->kept, err) : s;
}

static bf_status compare(const bf_trace *golden, const char *path, const options *o, verdict *v,
                         bf_error *err) {
    char *const kept = v->kept;
    const size_t size = sizeof v->kept;
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    if (o->traces) {
        if (snprintf(kept, size, "%s/%s.trace", o->traces, base) >= (int)size)
            return bf_fail(err, BF_EINPUT, "%s: the path is too long", path);
    } else {
        const char *tmp = getenv("TMPDIR");
        snprintf(kept, size, "%s/bitfate-verify-XXXXXX", tmp && *tmp ? tmp : "/tmp");
        int fd = mkstemp(kept);
        if (fd < 0)
            return bf_fail(err, BF_EMACHINE, "%s: cannot make a temporary file", kept);
        close(fd);
    }
    bf_trace *now = NULL;
    bf_status s = recompute(golden, path, &o->limits, v, &now, err);
    if (s == BF_OK && now)
        s = bf_trace_compare(golden, now, &v->d, err);
    bf_trace_free(now);
    if (!o->traces || s != BF_OK || v->d.same)
        remove(kept);
    return s;
}

static void print_verdict(const bf_trace *golden, const char *path, const verdict *v,
                          const options *o) {
    const bf_difference *d = &v->d;
    if (o->quiet && d->same && !v->outside)
        return;
    printf("%-9s  %-14s  %s\n",
           v->outside ? "OUTSIDE"
           : d->same  ? "same"
                      : "DIFFERENT",
           golden->arithmetic, path);
    if (v->outside) {
        printf("           outside its scope: %s\n", golden->scope);
        printf("           here:              %s\n", v->here);
    } else if (!d->same) {
        char text[128];
        const difference_element none = {.known = false};
        difference_text(d, &none, text, sizeof text);
        printf("           first difference: %s\n", text);
        if (o->traces)
            printf("           more: bitfate diff %s %s\n", path, v->kept);
        else
            printf("           more: bitfate verify --traces DIR %s\n", path);
    }
}

/* `same` is null for a golden that was not compared. */
static json_t *verdict_json(const bf_trace *golden, const char *path, const verdict *v) {
    const bf_difference *d = &v->d;
    json_t *difference =
        d->same ? json_null()
                : json_pack("{s:I, s:s}", "step", (json_int_t)d->step, "tensor", d->name);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "golden", path, "experiment",
                     golden->name, "arithmetic", golden->arithmetic, "scope", golden->scope, "here",
                     v->here, "same", v->outside ? json_null() : json_boolean(d->same),
                     "first_difference", difference);
}

static bf_status verify_golden(const bf_trace *golden, const char *path, const options *o,
                               json_t *report, tally *count, bf_error *err) {
    if (!golden->golden)
        return bf_fail(err, BF_EINPUT, "%s:1: a trace that was not blessed; expected a golden",
                       path);
    bf_scope scope;
    if (o->scope && bf_scope_parse(golden->scope, &scope) &&
        strcmp(bf_scope_name(scope), o->scope) != 0) {
        count->skipped++;
        return BF_OK;
    }
    verdict v = {.d = {.same = true}};
    bf_status s = compare(golden, path, o, &v, err);
    if (s != BF_OK)
        return s;
    *(v.outside ? &count->outside : v.d.same ? &count->same : &count->different) += 1;
    json_array_append_new(report, verdict_json(golden, path, &v));
    if (!o->json)
        print_verdict(golden, path, &v, o);
    return BF_OK;
}

/* A golden that cannot be read is said to be so, and the others are still verified. */
static bf_status verify_file(const char *path, const options *o, json_t *report, tally *count,
                             bf_error *err) {
    bf_trace *golden;
    bf_status s = bf_trace_read(&golden, path, err);
    if (s == BF_OK) {
        s = verify_golden(golden, path, o, report, count, err);
        bf_trace_free(golden);
        return s;
    }
    if (s != BF_EINPUT)
        return s;
    count->unusable++;
    fprintf(stderr, "bitfate: %s\n", err->text);
    json_array_append_new(report, json_pack("{s:s, s:s}", "golden", path, "error", err->text));
    return BF_OK;
}

static bf_status verify_folder(const char *path, const options *o, json_t *report, tally *count,
                               bf_error *err) {
    struct dirent **names;
    int n = scandir(path, &names, is_golden, alphasort);
    if (n < 0)
        return bf_fail(err, BF_EINPUT, "%s: cannot be read as a folder", path);
    bf_status s =
        n ? BF_OK : bf_fail(err, BF_EINPUT, "%s: holds no golden; expected files *.golden", path);
    for (int i = 0; i < n; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        BF_TRY(s, verify_file(file, o, report, count, err));
        free(names[i]);
    }
    free(names);
    return s;
}

static void print_tally(const tally *count) {
    if (count->same + count->different + count->outside == 0)
        return;
    printf("%zu same, %zu different", count->same, count->different);
    if (count->outside)
        printf(", %zu outside its scope", count->outside);
    if (count->skipped)
        printf(", %zu skipped", count->skipped);
    puts(count->unusable ? ", and some could not be compared" : "");
}

/* Status 0 promises that every golden was compared and is the same. */
static bf_status status_of(const tally *count, bf_error *err) {
    if (count->unusable) {
        err->said = true; /* one by one */
        return BF_EINPUT;
    }
    return count->different ? BF_DIFFERENT : count->outside ? BF_INCONCLUSIVE : BF_OK;
}

static bf_status verify_path(const char *path, const options *o, json_t *report, tally *count,
                             bf_error *err) {
    struct stat st;
    const bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    return (folder ? verify_folder : verify_file)(path, o, report, count, err);
}

/* Those of the source tree or, where there are none, those that were installed. */
static const char *default_path(void) {
    return access("golden", F_OK) == 0 || access(GOLDEN_DIR, F_OK) != 0 ? "golden" : GOLDEN_DIR;
}

static bf_status print_report(json_t *report, const tally *count, const options *o, bf_error *err) {
    if (o->json)
        return print_json(json_incref(report), err);
    if (!o->quiet)
        print_tally(count);
    return close_output(stdout, "-", err);
}

static bf_status run_verify(const options *o, int n, char **arguments, bf_error *err) {
    json_t *report = json_array();
    tally count = {0};
    if (!report)
        return bf_no_memory(err);
    bf_status s = n ? BF_OK : verify_path(default_path(), o, report, &count, err);
    for (int i = 0; i < n && s == BF_OK; i++)
        s = verify_path(arguments[i], o, report, &count, err);
    if (s == BF_OK && count.skipped &&
        count.same + count.different + count.outside + count.unusable == 0)
        s = bf_fail(err, BF_EINPUT, "no golden there has the scope '%s'", o->scope);
    BF_TRY(s, print_report(report, &count, o, err));
    json_decref(report);
    return s == BF_OK ? status_of(&count, err) : s;
}

const command command_verify = {
    .name = "verify",
    .arguments = "[PATH...]",
    .summary = "Recompute golden traces and compare, bit for bit",
    .help =
        "PATH is a golden, or a folder of them; default: golden/, or where there is none, those\n"
        "that were installed. A golden holds the experiment it was recorded from, so it needs no\n"
        "other file. Exit status: 0 all the same, 1 different, 2 a golden is damaged, 4 none\n"
        "differs but one could not be compared, because this is outside its scope: the kernel\n"
        "path, version, executable, library or processor is not what its header names, and it\n"
        "promises no bits here.\n"
        "--scope any verifies only the goldens that hold everywhere, and skips the others.\n\n"
        "JSON: for each golden, golden, experiment, arithmetic, scope, here (the scope of what\n"
        "runs here), same (null outside its scope), first_difference ({step, tensor} or null).\n\n"
        "  bitfate verify\n",
    .takes = "traces scope allow-library",
    .least = 0,
    .most = -1,
    .run = run_verify,
};
