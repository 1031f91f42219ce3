/* SPDX-License-Identifier: MIT */
/* idx.c - images and labels in the IDX format of the MNIST database (Y. LeCun, C. Cortes, C.
 * Burges, 1998): a magic number, the dimensions, then one byte a pixel or label. */
#include "data/samples.h"
#include "data/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { IMAGES_MAGIC = 0x803, LABELS_MAGIC = 0x801, LARGEST_SIDE = 65535 };

static bf_status read_word(stream *s, uint32_t *out, bf_error *err) {
    uint8_t b[4];
    bf_status status = bf_stream_read(s, b, sizeof b, err);
    if (status == BF_OK)
        *out = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return status;
}

/* Open folder/name or folder/name.gz, and read its header: the dimensions, of which there are as
 * many as the magic number says in its last byte. */
static bf_status open_idx(stream **out, const char *folder, const char *name, uint32_t magic,
                          uint32_t *dimensions, bf_error *err) {
    char path[4200];
    struct stat st;
    snprintf(path, sizeof path, "%.4000s/%s", folder, name);
    if (stat(path, &st) != 0) {
        snprintf(path, sizeof path, "%.4000s/%s.gz", folder, name);
        if (stat(path, &st) != 0)
            return bf_fail(err, BF_EINPUT,
                           "%.250s/%s: not there, nor with .gz; expected an IDX file", folder,
                           name);
    }
    bf_status s = bf_stream_open(out, path, "an IDX file", err);
    uint32_t found = 0;
    BF_TRY(s, read_word(*out, &found, err));
    if (s == BF_OK && found != magic)
        s = bf_fail(err, BF_EINPUT, "%.250s: begins with 0x%08x; expected 0x%08x, %s", path, found,
                    magic, magic == IMAGES_MAGIC ? "images of bytes" : "labels of bytes");
    for (uint32_t i = 0; i < (magic & 0xff) && s == BF_OK; i++)
        s = read_word(*out, &dimensions[i], err);
    return s;
}

/* n rows of `width` bytes, as doubles those of the first `keep`. */
static bf_status read_rows(stream *s, size_t n, size_t keep, size_t width, double *to,
                           bf_error *err) {
    uint8_t *row = malloc(width);
    bf_status status = row ? BF_OK : bf_no_memory(err);
    for (size_t i = 0; i < n && status == BF_OK; i++) {
        status = bf_stream_read(s, row, width, err);
        for (size_t j = 0; i < keep && j < width && status == BF_OK; j++)
            to[i * width + j] = row[j];
    }
    free(row);
    return status == BF_OK ? bf_stream_end(s, err) : status;
}

static bf_status check_shape(samples *out, const stream *s, const uint32_t d[3], bf_error *err) {
    if (d[0] < 1 || d[1] < 1 || d[2] < 1 || d[1] > LARGEST_SIDE || d[2] > LARGEST_SIDE)
        return bf_fail(err, BF_EINPUT,
                       "%.250s: %u images of %u x %u pixels; expected at least one, of sides from "
                       "1 to %d",
                       bf_stream_path(s), d[0], d[1], d[2], LARGEST_SIDE);
    out->channels = 1;
    out->height = (int)d[1];
    out->width = (int)d[2];
    out->inputs = (size_t)d[1] * d[2];
    return BF_OK;
}

bf_status bf_idx_read(samples *out, const bf_data_source *from, enum samples_part part, size_t most,
                      bf_error *err) {
    static const char *const names[2][2] = {{"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
                                            {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}};
    stream *images = NULL, *labels = NULL;
    uint32_t d[3] = {0}, n_labels = 0;
    *out = (samples){.outputs = 1, .bytes = true, .whole = true, .labels = true};
    bf_status s = open_idx(&images, from->folder, names[part][0], IMAGES_MAGIC, d, err);
    BF_TRY(s, check_shape(out, images, d, err));
    BF_TRY(s, bf_stream_expect(images, (uint64_t)d[0] * out->inputs, err));
    BF_TRY(s, open_idx(&labels, from->folder, names[part][1], LABELS_MAGIC, &n_labels, err));
    if (s == BF_OK && n_labels != d[0])
        s = bf_fail(err, BF_EINPUT, "%.250s: %u labels; expected %u, one for each image",
                    bf_stream_path(labels), n_labels, d[0]);
    BF_TRY(s, bf_stream_expect(labels, n_labels, err));
    if (s == BF_OK) {
        out->n = most && most < d[0] ? most : d[0];
        s = bf_samples_allocate(out, err);
    }
    BF_TRY(s, read_rows(images, d[0], out->n, out->inputs, out->x, err));
    BF_TRY(s, read_rows(labels, d[0], out->n, 1, out->y, err));
    if (s == BF_OK && most > d[0])
        s = bf_fail(err, BF_EINPUT, "%.250s: %u images; expected at least %zu",
                    bf_stream_path(images), d[0], most);
    bf_stream_close(images);
    bf_stream_close(labels);
    return s;
}
