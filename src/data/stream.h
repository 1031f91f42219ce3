/* SPDX-License-Identifier: MIT */
/* stream.h - a file's bytes, in order; a gzip file's after expansion. Only what is asked for is
 * expanded. Errors name the file. */
#ifndef DATA_STREAM_H
#define DATA_STREAM_H

#include "bitfate.h"

typedef struct stream stream;

/* BF_EINPUT: not a file that can be read; `what` was expected: "an IDX file". */
BF_MUST_CHECK bf_status bf_stream_open(stream **out, const char *path, const char *what,
                                       bf_error *err);
void bf_stream_close(stream *s);
const char *bf_stream_path(const stream *s);
/* The next n bytes. BF_EINPUT: there are fewer, or they are damaged. */
BF_MUST_CHECK bf_status bf_stream_read(stream *s, void *out, size_t n, bf_error *err);
/* Whether n more bytes can follow, before any memory is taken for them: exactly n in a plain file,
 * no more than gzip can hold in a compressed one. */
BF_MUST_CHECK bf_status bf_stream_expect(stream *s, uint64_t n, bf_error *err);
/* BF_EINPUT unless all has been read. */
BF_MUST_CHECK bf_status bf_stream_end(stream *s, bf_error *err);

#endif
