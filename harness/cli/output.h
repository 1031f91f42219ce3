/* SPDX-License-Identifier: MIT */
/* output.h - files and documents that commands write. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "cli/options.h"

/* BF_EINPUT when both are the same file. */
BF_MUST_CHECK bf_status refuse_overwriting(const char *output, const char *input, bf_error *err);
/* Open a file for writing, "-" being standard output. */
BF_MUST_CHECK bf_status open_output(FILE **out, const char *path, bf_error *err);
/* Close it; whatever could not be written is an error. */
BF_MUST_CHECK bf_status close_output(FILE *f, const char *path, bf_error *err);
/* The same at the end of work that went as `s` says (f NULL: nothing was opened): its error comes
 * first. */
BF_MUST_CHECK bf_status end_output(FILE *f, const char *path, bf_status s, bf_error *err);
/* Write what was made in memory: what cannot be made leaves an old file as it was. */
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
