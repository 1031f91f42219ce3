/* SPDX-License-Identifier: MIT */
/* output.c - files and documents that commands write. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files -------------------------------------------------------------------------------- */

/* Where a file is written until it is whole, and the place that it then takes. */
typedef struct part {
    char place[PATH_MAX], path[PATH_MAX + 32];
    bool there; /* something stands in the place, with this mode: */
    mode_t mode;
} part;

/* Beside its place, so that it can be renamed; behind a symbolic link, which stays. False: the path
 * is no file's but a device's or a pipe's, which is written at once. */
static bool find_part(const char *path, part *p) {
    struct stat st;
    p->there = stat(path, &st) == 0;
    p->mode = p->there ? st.st_mode & 07777 : 0;
    if (strcmp(path, "-") == 0 || (p->there && (!S_ISREG(st.st_mode) || !realpath(path, p->place))))
        return false;
    if (!p->there)
        snprintf(p->place, sizeof p->place, "%s", path);
    snprintf(p->path, sizeof p->path, "%s.%ld.part", p->place, (long)getpid());
    return *path && strlen(path) < sizeof p->place;
}

static FILE *open_part(const part *p) {
    if (p->there && access(p->place, W_OK) != 0)
        return NULL;
    remove(p->path); /* of a process that had this number and was killed */
    const int fd = open(p->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 && p->there)
        (void)!fchmod(fd, p->mode);
    return fd >= 0 ? fdopen(fd, "w") : NULL;
}

/* A store is what many runs found: no output takes its place. */
static bool is_store(const part *p) {
    static const char magic[] = "SQLite format 3";
    char begins[sizeof magic] = "";
    FILE *f = p->there ? fopen(p->place, "r") : NULL;
    const bool read = f && fread(begins, 1, sizeof begins, f) == sizeof begins;
    if (f)
        fclose(f);
    return read && memcmp(begins, magic, sizeof magic) == 0;
}

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

bf_status refuse_overwriting(const char *output, const char *input, bf_error *err) {
    if (same_file(output, input))
        return bf_fail(err, BF_EINPUT, "%s: would be overwritten, but is what is read", output);
    return BF_OK;
}

bf_status refuse_same_output(const char *a, const char *b, bf_error *err) {
    struct stat there;
    const bool device = a && stat(a, &there) == 0 && !S_ISREG(there.st_mode);
    if (a && b && !device && (strcmp(a, b) == 0 || same_file(a, b)))
        return bf_fail(err, BF_EINPUT, "'%s': two outputs want it; expected two places", a);
    return BF_OK;
}

bf_status open_output(FILE **out, const char *path, bf_error *err) {
    part p;
    const bool whole = find_part(path, &p);
    if (whole && is_store(&p))
        return bf_fail(err, BF_EINPUT, "'%s': is a store, which no other output replaces", path);
    *out = strcmp(path, "-") == 0 ? stdout : whole ? open_part(&p) : fopen(path, "w");
    if (!*out)
        return bf_fail(err, errno == ENOSPC || errno == EIO ? BF_EMACHINE : BF_EINPUT, "'%s': %s",
                       path, strerror(errno));
    return BF_OK;
}

/* Everything is on its way to the disk, or where else it goes. */
static bool flushed(FILE *f, bool sync) {
    return fflush(f) == 0 && !ferror(f) && (!sync || fsync(fileno(f)) == 0);
}

bf_status close_output(FILE *f, const char *path, bf_error *err) {
    part p;
    const bool whole = f != stdout && find_part(path, &p);
    errno = 0;
    bool written = flushed(f, whole);
    int reason = errno;
    if (f != stdout && fclose(f) != 0 && written) {
        written = false;
        reason = errno;
    }
    if (written && whole && rename(p.path, p.place) != 0) {
        written = false;
        reason = errno;
    }
    if (written)
        return BF_OK;
    if (whole)
        remove(p.path);
    return bf_fail(err, BF_EMACHINE, "%s: could not be written: %s",
                   strcmp(path, "-") == 0 ? "standard output" : path,
                   reason ? strerror(reason) : "I/O error");
}

bf_status end_output(FILE *f, const char *path, bf_status s, bf_error *err) {
    part p;
    if (!f || s == BF_OK)
        return f ? close_output(f, path, err) : s;
    if (f != stdout)
        fclose(f);
    else
        fflush(f);
    if (find_part(path, &p))
        remove(p.path);
    return s;
}

bf_status write_output(const char *path, const void *bytes, size_t n, bf_error *err) {
    FILE *f;
    bf_status s = open_output(&f, path, err);
    if (s != BF_OK)
        return s;
    fwrite(bytes, 1, n, f);
    return close_output(f, path, err);
}

/* ---- documents and words ------------------------------------------------------------------ */

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
