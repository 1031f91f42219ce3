/* SPDX-License-Identifier: MIT */
/* samples.h - samples as a file holds them, or as they are made. */
#ifndef DATA_SAMPLES_H
#define DATA_SAMPLES_H

#include "bitfate.h"

typedef struct samples {
    size_t n, inputs, outputs;   /* one output when these are labels */
    int channels, height, width; /* whose product is `inputs` */
    double *x, *y;               /* (n, inputs), (n, outputs), finite; owned */
    bool bytes;                  /* x are pixels, 0..255 */
    bool whole;                  /* x are integers */
    bool labels;                 /* y are whole numbers from 0 */
} samples;

enum samples_part { TRAIN, TEST };

/* Fill `out` with the first `most` samples of a part; 0: all. What is allocated there is the
 * caller's to free, also after an error. */
BF_MUST_CHECK bf_status bf_idx_read(samples *out, const bf_data_source *from,
                                    enum samples_part part, size_t most, bf_error *err);
BF_MUST_CHECK bf_status bf_npy_read(samples *out, const bf_data_source *from,
                                    enum samples_part part, size_t most, bf_error *err);
BF_MUST_CHECK bf_status bf_synthetic_make(samples *out, const bf_data_source *from,
                                          enum samples_part part, size_t most, bf_error *err);

/* Memory for x and y of these shapes, zero. */
BF_MUST_CHECK bf_status bf_samples_allocate(samples *s, bf_error *err);

#endif
