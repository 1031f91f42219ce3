/* SPDX-License-Identifier: MIT */
/* cmd_verify.c - bitfate verify: recompute golden traces and compare. Never writes a golden. */
#include "command.h"
#include "run.h"

#include <dirent.h>
#include <inttypes.h>
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
    size_t same, different, unusable;
} tally;

/* The trace of the same run, made now: in `place`, or in a temporary file. */
static bf_status recompute(const bf_trace *golden, const char *path, const char *place,
                           bf_trace **out, bf_error *err) {
    run r;
    bf_status s = run_reopen(&r, golden, path, err);
    if (s != BF_OK)
        return s;
    bf_hash final;
    s = run_write(&r, place, NULL, &final, err);
    run_close(&r);
    return s == BF_OK ? bf_trace_read(out, place, err) : s;
}

static bf_status compare(const bf_trace *golden, const char *path, const options *o,
                         bf_difference *d, char *kept, size_t size, bf_error *err) {
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
    bf_status s = recompute(golden, path, kept, &now, err);
    if (s == BF_OK)
        s = bf_trace_compare(golden, now, d, err);
    bf_trace_free(now);
    if (!o->traces || s != BF_OK || d->same)
        remove(kept);
    return s;
}

static bf_status verify_golden(const bf_trace *golden, const char *path, const options *o,
                               json_t *report, tally *count, bf_error *err) {
    bf_difference d = {.same = true};
    char kept[4200];
    bf_status s = compare(golden, path, o, &d, kept, sizeof kept, err);
    if (s == BF_OK) {
        json_t *difference =
            d.same ? json_null()
                   : json_pack("{s:I, s:s}", "step", (json_int_t)d.step, "tensor", d.name);
        json_array_append_new(report,
                              json_pack("{s:s, s:s, s:s, s:b, s:o}", "golden", path, "experiment",
                                        golden->name, "arithmetic", golden->arithmetic, "same",
                                        d.same, "first_difference", difference));
        *(d.same ? &count->same : &count->different) += 1;
        if (!o->json && (!o->quiet || !d.same)) {
            printf("%-9s  %-14s  %s\n", d.same ? "same" : "DIFFERENT", golden->arithmetic, path);
            if (!d.same) {
                printf("           first difference: step %" PRIu64 ", %s%s\n", d.step,
                       d.tensor >= 0 ? "tensor " : "", d.name);
                if (o->traces)
                    printf("           more: bitfate diff %s %s\n", path, kept);
                else
                    printf("           more: bitfate verify --traces DIR %s\n", path);
            }
        }
    }
    return s;
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
        if (s == BF_OK)
            s = verify_file(file, o, report, count, err);
        free(names[i]);
    }
    free(names);
    return s;
}

static bf_status run_verify(const options *o, int n, char **arguments, bf_error *err) {
    static char golden[] = "golden";
    char *fallback[] = {golden};
    if (n == 0) {
        arguments = fallback;
        n = 1;
    }
    json_t *report = json_array();
    if (!report)
        return bf_fail(err, BF_EMACHINE, "out of memory");
    tally count = {0, 0, 0};
    bf_status s = BF_OK;
    for (int i = 0; i < n && s == BF_OK; i++) {
        struct stat st;
        bool folder = stat(arguments[i], &st) == 0 && S_ISDIR(st.st_mode);
        s = (folder ? verify_folder : verify_file)(arguments[i], o, report, &count, err);
    }
    if (s == BF_OK && o->json) {
        s = print_json(report, err);
        report = NULL;
    } else if (s == BF_OK) {
        if (!o->quiet && count.same + count.different > 0)
            printf("%zu same, %zu different%s\n", count.same, count.different,
                   count.unusable ? ", and some could not be compared" : "");
        s = close_output(stdout, "-", err);
    }
    json_decref(report);
    if (s == BF_OK && count.unusable) {
        err->said = true; /* one by one */
        return BF_EINPUT;
    }
    return s == BF_OK && count.different ? BF_DIFFERENT : s;
}

const command command_verify = {
    .name = "verify",
    .arguments = "[PATH...]",
    .summary = "Recompute golden traces and compare, bit for bit",
    .help =
        "PATH is a golden, or a folder of them; default: golden/. A golden holds the experiment\n"
        "it was recorded from, so it needs no other file. Exit status: 0 all the same,\n"
        "1 different, 2 a golden is damaged.\n\n"
        "JSON: for each golden, golden, experiment, arithmetic, same, first_difference\n"
        "({step, tensor} or null).\n\n"
        "  bitfate verify\n",
    .takes = OPT_TRACES | OPT_LIBRARY,
    .least = 0,
    .most = -1,
    .run = run_verify,
};
