/* SPDX-License-Identifier: MIT */
/* stream.c - a file's bytes, in order; a gzip file's after expansion. */
#include "data/stream.h"

#include <inttypes.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum {
    BUFFER = 1 << 16,
    LARGEST_RATIO = 1032 /* deflate: at most 258 bytes from 2 bits */
};

struct stream {
    FILE *file;
    char *path;
    uint64_t size, position; /* bytes in the file, bytes read by the caller */
    bool gzip, ended;        /* gzip: its last byte has been expanded */
    z_stream z;
    uint8_t buffer[BUFFER];
};

const char *bf_stream_path(const stream *s) {
    return s->path;
}

static bf_status read_failed(const stream *s, bf_error *err) {
    return bf_fail(err, BF_EMACHINE, "%.250s: cannot be read: %s", s->path, strerror(errno));
}

static bf_status check_file(stream *s, const char *what, bf_error *err) {
    struct stat st;
    if (fstat(fileno(s->file), &st) != 0)
        return read_failed(s, err);
    if (!S_ISREG(st.st_mode))
        return bf_fail(err, BF_EINPUT, "%.250s: not a regular file; expected %s", s->path, what);
    s->size = (uint64_t)st.st_size;
    uint8_t magic[2];
    s->gzip = fread(magic, 1, 2, s->file) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    if (ferror(s->file) || fseek(s->file, 0, SEEK_SET) != 0)
        return read_failed(s, err);
    if (s->gzip && inflateInit2(&s->z, 15 + 16) != Z_OK) {
        s->gzip = false;
        return bf_no_memory(err);
    }
    return BF_OK;
}

bf_status bf_stream_open(stream **out, const char *path, const char *what, bf_error *err) {
    *out = NULL;
    stream *s = calloc(1, sizeof *s);
    if (!s || !(s->path = strdup(path))) {
        free(s);
        return bf_no_memory(err);
    }
    errno = 0;
    struct stat st; /* a pipe would wait for its writer */
    s->file = stat(path, &st) == 0 && !S_ISFIFO(st.st_mode) ? fopen(path, "rb") : NULL;
    bf_status status = s->file ? check_file(s, what, err)
                               : bf_fail(err, BF_EINPUT, "%.250s: %s; expected %s", path,
                                         errno ? strerror(errno) : "a pipe", what);
    if (status == BF_OK)
        *out = s;
    else
        bf_stream_close(s);
    return status;
}

void bf_stream_close(stream *s) {
    if (!s)
        return;
    if (s->gzip)
        inflateEnd(&s->z);
    if (s->file)
        fclose(s->file);
    free(s->path);
    free(s);
}

static bf_status too_short(const stream *s, uint64_t wanted, bf_error *err) {
    return bf_fail(err, BF_EINPUT, "%.250s: ends after %" PRIu64 " bytes%s; expected %" PRIu64,
                   s->path, s->position, s->gzip ? " (expanded)" : "", wanted);
}

static bf_status damaged(const stream *s, bf_error *err) {
    return bf_fail(err, BF_EINPUT,
                   "%.250s: damaged gzip data after %" PRIu64 " expanded bytes (%s)", s->path,
                   s->position, s->z.msg ? s->z.msg : "it ends too early");
}

/* Expand up to n bytes; `got` is fewer only at the end of the data. */
static bf_status expand(stream *s, uint8_t *out, size_t n, size_t *got, bf_error *err) {
    *got = 0;
    while (*got < n && !s->ended) {
        if (s->z.avail_in == 0) {
            s->z.next_in = s->buffer;
            s->z.avail_in = (uInt)fread(s->buffer, 1, BUFFER, s->file);
            if (ferror(s->file))
                return read_failed(s, err);
        }
        const uInt room = (uInt)(n - *got < BUFFER ? n - *got : BUFFER);
        s->z.next_out = out + *got;
        s->z.avail_out = room;
        const uInt before = s->z.avail_in;
        const int z = inflate(&s->z, Z_NO_FLUSH);
        const size_t made = room - s->z.avail_out;
        *got += made;
        s->position += made;
        if (z == Z_MEM_ERROR)
            return bf_no_memory(err);
        s->ended = z == Z_STREAM_END;
        if ((z != Z_OK && !s->ended) || (made == 0 && before == 0 && !s->ended))
            return damaged(s, err);
    }
    return BF_OK;
}

bf_status bf_stream_read(stream *s, void *out, size_t n, bf_error *err) {
    const uint64_t wanted = s->position + n;
    size_t got = 0;
    if (s->gzip) {
        bf_status status = expand(s, out, n, &got, err);
        if (status != BF_OK)
            return status;
    } else {
        got = fread(out, 1, n, s->file);
        s->position += got;
        if (ferror(s->file))
            return read_failed(s, err);
    }
    return got == n ? BF_OK : too_short(s, wanted, err);
}

bf_status bf_stream_expect(stream *s, uint64_t n, bf_error *err) {
    const uint64_t most = s->gzip ? s->size * LARGEST_RATIO : s->size;
    if (n <= most && s->position <= most - n && (s->gzip || s->position + n == s->size))
        return BF_OK;
    return bf_fail(err, BF_EINPUT,
                   "%.250s: the header promises %" PRIu64 " bytes of data; expected %s%" PRIu64
                   ", which is what "
                   "a file of %" PRIu64 " bytes holds",
                   s->path, n, s->gzip ? "at most " : "",
                   (most > s->position ? most - s->position : 0), s->size);
}

bf_status bf_stream_end(stream *s, bf_error *err) {
    uint8_t more;
    size_t got = 0;
    if (s->gzip) {
        bf_status status = expand(s, &more, 1, &got, err); /* checks the checksum */
        if (status != BF_OK)
            return status;
    }
    if (got == 0 && s->z.avail_in == 0 && fgetc(s->file) == EOF)
        return ferror(s->file) ? read_failed(s, err) : BF_OK;
    return bf_fail(err, BF_EINPUT, "%.250s: more bytes follow the data; expected the end", s->path);
}
