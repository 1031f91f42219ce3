/* SPDX-License-Identifier: MIT */
/* output.h - files and documents that commands write. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "cli/options.h"

/* A file is written beside its place, PATH.PID.part, and takes it when it is whole: until then, and
 * when something fails, what stood there stays. Devices and pipes are written at once; so is "-",
 * standard output. */

/* BF_EINPUT when both are the same file. */
BF_MUST_CHECK bf_status refuse_overwriting(const char *output, const char *input, bf_error *err);
/* BF_EINPUT when two outputs are the same file; NULL: there is none. */
BF_MUST_CHECK bf_status refuse_same_output(const char *a, const char *b, bf_error *err);
/* BF_EINPUT also where a store stands. */
BF_MUST_CHECK bf_status open_output(FILE **out, const char *path, bf_error *err);
/* End it: whole in its place, or BF_EMACHINE. */
BF_MUST_CHECK bf_status close_output(FILE *f, const char *path, bf_error *err);
/* End it after work that went as `s` says, which is returned when it failed: what was written is
 * then thrown away. f NULL: nothing was opened. */
BF_MUST_CHECK bf_status end_output(FILE *f, const char *path, bf_status s, bf_error *err);
BF_MUST_CHECK bf_status write_output(const char *path, const void *bytes, size_t n, bf_error *err);

struct json_t;
/* Print a document on standard output and free it. */
BF_MUST_CHECK bf_status print_json(struct json_t *document, bf_error *err);

/* A word as a shell reads it back. */
void put_quoted(FILE *f, const char *word);

/* What a command says when it is out of time, and its status: BF_INCONCLUSIVE. `path`: the store.
 */
bf_status stopped_in_time(const options *o, const char *path);

#endif
