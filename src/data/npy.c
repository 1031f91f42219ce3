/* SPDX-License-Identifier: MIT */
/* npy.c - arrays in NumPy's .npy format, versions 1.0 and 2.0: a magic string, a Python dict that
 * says type, order and shape, then the elements (numpy.lib.format). */
#include "data/samples.h"
#include "data/stream.h"
#include "base/bytes.h"

#include <inttypes.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIMENSIONS = 4, MAX_HEADER = 65535 };

typedef struct array {
    char kind; /* 'u', 'i' or 'f' */
    size_t size;
    bool big; /* most significant byte first */
    int dimensions;
    uint64_t shape[MAX_DIMENSIONS];
    uint64_t count; /* of elements */
} array;

/* ---- the header --------------------------------------------------------------------------- */

/* Each eats what it looks for, spaces around it included, or says that it is not there. */
static bool eat(const char **p, const char *word) {
    while (**p == ' ')
        ++*p;
    const size_t n = strlen(word);
    if (strncmp(*p, word, n) != 0)
        return false;
    *p += n;
    while (**p == ' ')
        ++*p;
    return true;
}

static bool eat_number(const char **p, uint64_t *out) {
    if (!isdigit((unsigned char)**p))
        return false;
    for (*out = 0; isdigit((unsigned char)**p); ++*p) {
        if (*out > UINT32_MAX) /* no dimension of ours comes near */
            return false;
        *out = *out * 10 + (uint64_t)(**p - '0');
    }
    return true;
}

/* '<f4' and the like */
static bool eat_type(const char **p, array *a) {
    char quote[2] = {**p, '\0'};
    if (*quote != '\'' && *quote != '"')
        return false;
    ++*p;
    const char order = **p ? *(*p)++ : '\0';
    a->kind = **p ? *(*p)++ : '\0';
    a->size = isdigit((unsigned char)**p) ? (size_t)(*(*p)++ - '0') : 0;
    a->big = order == '>';
    const bool whole = (a->kind == 'u' || a->kind == 'i') &&
                       (a->size == 1 || a->size == 2 || a->size == 4 || a->size == 8);
    const bool real = a->kind == 'f' && (a->size == 4 || a->size == 8);
    const bool ordered = order == '<' || order == '>' || (order == '|' && a->size == 1);
    return (whole || real) && ordered && eat(p, quote);
}

/* (3,) or (3, 4) */
static bool eat_shape(const char **p, array *a) {
    if (!eat(p, "("))
        return false;
    bool comma = true;
    while (comma && a->dimensions < MAX_DIMENSIONS && eat_number(p, &a->shape[a->dimensions])) {
        a->dimensions++;
        comma = eat(p, ",");
    }
    return a->dimensions > 0 && (a->dimensions > 1 || comma) && eat(p, ")");
}

/* The whole dict: each of the three keys once, in any order. Returns what was expected instead, or
 * NULL. */
static const char *parse_header(const char *p, array *a) {
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    bool seen[3] = {false};
    if (!eat(&p, "{"))
        return "a dict";
    for (int n = 0; n < 3; n++) {
        int key = 0;
        char quoted[20];
        for (; key < 3; key++) {
            snprintf(quoted, sizeof quoted, "'%s'", keys[key]);
            if (!seen[key] && eat(&p, quoted))
                break;
        }
        if (key == 3 || !eat(&p, ":"))
            return "the keys 'descr', 'fortran_order' and 'shape', each once";
        seen[key] = true;
        if (key == 0 && !eat_type(&p, a))
            return "the type u1, u2, u4, u8, i1, i2, i4, i8, f4 or f8, little- or big-endian";
        if (key == 1 && !eat(&p, "False"))
            return "fortran_order: False";
        if (key == 2 && !eat_shape(&p, a))
            return "a shape of 1 to 4 dimensions";
        const bool comma = eat(&p, ",");
        if (n < 2 && !comma)
            return "a comma between keys";
    }
    return eat(&p, "}") && eat(&p, "\n") && !*p ? NULL : "a dict of three keys, then a newline";
}

static bf_status read_header(stream *s, array *a, bf_error *err) {
    uint8_t start[8], length[4] = {0};
    const char *expected = NULL;
    *a = (array){.count = 1};
    bf_status status = bf_stream_read(s, start, sizeof start, err);
    if (status != BF_OK)
        return status;
    if (memcmp(start, "\x93NUMPY", 6) != 0 || (start[6] != 1 && start[6] != 2) || start[7] != 0)
        return bf_fail(err, BF_EINPUT, "%.250s: not a .npy file of version 1.0 or 2.0",
                       bf_stream_path(s));
    status = bf_stream_read(s, length, start[6] == 1 ? 2 : 4, err);
    const uint32_t n = bytes_get32(length);
    if (status == BF_OK && n > MAX_HEADER)
        return bf_fail(err, BF_EINPUT, "%.250s: a header of %u bytes; expected at most %d",
                       bf_stream_path(s), n, MAX_HEADER);
    char *text = status == BF_OK ? calloc(1, n + 1) : NULL;
    if (status == BF_OK && !text)
        return bf_no_memory(err);
    BF_TRY(status, bf_stream_read(s, text, n, err));
    if (status == BF_OK && (strlen(text) != n || (expected = parse_header(text, a))))
        status = bf_fail(err, BF_EINPUT, "%.250s: the header is '%.200s'; expected %s",
                         bf_stream_path(s), text, expected ? expected : "no zero byte");
    free(text);
    for (int i = 0; i < a->dimensions && status == BF_OK; i++) {
        if (a->shape[i] == 0 || a->shape[i] > INT64_MAX / 8 / a->count)
            return bf_fail(err, BF_EINPUT,
                           "%.250s: dimension %d is %" PRIu64
                           "; expected at least 1, and fewer elements",
                           bf_stream_path(s), i, a->shape[i]);
        a->count *= a->shape[i];
    }
    return status == BF_OK ? bf_stream_expect(s, a->count * a->size, err) : status;
}

/* ---- the elements ------------------------------------------------------------------------- */

/* As a double, which holds it exactly; NAN if none does. */
static double element(const array *a, const uint8_t *bytes) {
    uint8_t little[8] = {0};
    for (size_t i = 0; i < a->size; i++)
        little[i] = bytes[a->big ? a->size - 1 - i : i];
    const uint64_t word = bytes_get64(little);
    if (a->kind == 'f' && a->size == 8) {
        double x;
        memcpy(&x, &word, sizeof x);
        return isfinite(x) ? x : NAN;
    }
    if (a->kind == 'f') {
        const uint32_t half = (uint32_t)word;
        float x;
        memcpy(&x, &half, sizeof x);
        return isfinite(x) ? x : NAN;
    }
    const unsigned bits = 8 * (unsigned)a->size;
    const bool negative = a->kind == 'i' && word >> (bits - 1) & 1;
    const uint64_t mask = UINT64_MAX >> (64 - bits);
    const uint64_t magnitude = negative ? (~word + 1) & mask : word;
    if (magnitude > UINT64_C(1) << 53)
        return NAN;
    return negative ? -(double)magnitude : (double)magnitude;
}

/* All elements, as doubles those of the first `keep`. */
static bf_status read_elements(stream *s, const array *a, uint64_t keep, double *to,
                               bf_error *err) {
    uint8_t buffer[8 * 512];
    for (uint64_t done = 0; done < a->count;) {
        const uint64_t room = sizeof buffer / a->size, left = a->count - done;
        const size_t n = (size_t)(left < room ? left : room);
        bf_status status = bf_stream_read(s, buffer, n * a->size, err);
        if (status != BF_OK)
            return status;
        for (size_t i = 0; i < n && done + i < keep; i++) {
            to[done + i] = element(a, buffer + i * a->size) + 0.0; /* no -0 */
            if (isnan(to[done + i]))
                return bf_fail(err, BF_EINPUT,
                               "%.250s: element %" PRIu64
                               " is not finite, or exceeds 2^53; expected "
                               "numbers that a double holds",
                               bf_stream_path(s), done + i);
        }
        done += n;
    }
    return bf_stream_end(s, err);
}

/* (n), (n, inputs), (n, height, width) or (n, channels, height, width) */
static bf_status shape_inputs(samples *out, const array *a, const stream *s, bf_error *err) {
    int sides[MAX_DIMENSIONS] = {0, 1, 1, 1};
    out->inputs = 1;
    for (int i = 1; i < a->dimensions; i++) {
        if (a->shape[i] > 65536)
            return bf_fail(err, BF_EINPUT,
                           "%.250s: dimension %d is %" PRIu64 "; expected at most 65536",
                           bf_stream_path(s), i, a->shape[i]);
        sides[i] = (int)a->shape[i];
        out->inputs *= (size_t)a->shape[i];
    }
    const bool image = a->dimensions == 3;
    out->channels = image ? 1 : sides[1];
    out->height = image ? sides[1] : sides[2];
    out->width = image ? sides[2] : sides[3];
    return BF_OK;
}

bf_status bf_npy_read(samples *out, const bf_data_source *from, enum samples_part part, size_t most,
                      bf_error *err) {
    stream *x = NULL, *y = NULL;
    array ax, ay;
    *out = (samples){.n = 0};
    bf_status s = bf_stream_open(&x, part == TRAIN ? from->x : from->x_test, "a .npy file", err);
    BF_TRY(s, read_header(x, &ax, err));
    BF_TRY(s, shape_inputs(out, &ax, x, err));
    BF_TRY(s, bf_stream_open(&y, part == TRAIN ? from->y : from->y_test, "a .npy file", err));
    BF_TRY(s, read_header(y, &ay, err));
    if (s == BF_OK && (ay.dimensions > 2 || ay.shape[0] != ax.shape[0]))
        s = bf_fail(err, BF_EINPUT,
                    "%.250s: %d dimensions, the first %" PRIu64
                    "; expected 1 or 2, the first %" PRIu64 " as in "
                    "x",
                    bf_stream_path(y), ay.dimensions, ay.shape[0], ax.shape[0]);
    if (s == BF_OK && most > ax.shape[0])
        s = bf_fail(err, BF_EINPUT, "%.250s: %" PRIu64 " samples; expected at least %zu",
                    bf_stream_path(x), ax.shape[0], most);
    if (s == BF_OK) {
        out->n = most ? most : (size_t)ax.shape[0];
        out->outputs = ay.dimensions == 2 ? (size_t)ay.shape[1] : 1;
        out->bytes = ax.kind == 'u' && ax.size == 1;
        out->whole = ax.kind != 'f';
        out->labels = ay.kind != 'f' && ay.dimensions == 1;
        s = bf_samples_allocate(out, err);
    }
    BF_TRY(s, read_elements(x, &ax, (uint64_t)out->n * out->inputs, out->x, err));
    BF_TRY(s, read_elements(y, &ay, (uint64_t)out->n * out->outputs, out->y, err));
    bf_stream_close(x);
    bf_stream_close(y);
    return s;
}
