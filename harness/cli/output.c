/* SPDX-License-Identifier: MIT */
/* output.c - files and documents that commands write. */
#include "cli/output.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

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

bf_status end_output(FILE *f, const char *path, bf_status s, bf_error *err) {
    bf_error ignored;
    if (!f)
        return s;
    const bf_status closed = close_output(f, path, s == BF_OK ? err : &ignored);
    return s == BF_OK ? closed : s;
}

bf_status write_output(const char *path, const void *bytes, size_t n, bf_error *err) {
    FILE *f;
    bf_status s = open_output(&f, path, err);
    if (s != BF_OK)
        return s;
    fwrite(bytes, 1, n, f);
    return close_output(f, path, err);
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

bf_status stopped_in_time(const options *o, const char *path) {
    if (!o->quiet)
        fprintf(stderr, "bitfate: out of time; the same command goes on from here (%s)\n", path);
    return BF_INCONCLUSIVE;
}
