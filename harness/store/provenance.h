/* SPDX-License-Identifier: MIT */
/* provenance.h - what describes this program and this machine. */
#ifndef PROVENANCE_H
#define PROVENANCE_H

#include "bitfate.h"

/* Of one process; `command` is the caller's. */
typedef struct provenance {
    const char *command;
    char kernel[16], libraries[512], cpu[128], system[256], threads[16];
} provenance;

/* `command`: the command line, which must outlive it; `threads`: that it works with. */
void provenance_here(provenance *p, const char *command, int threads);

/* The i-th fact: its value, or NULL after the last; `key` is then as it was. */
const char *provenance_fact(const provenance *p, size_t i, const char **key);

struct json_t;
/* All facts as an object of texts; NULL: no memory. */
struct json_t *provenance_json(const char *command, int threads);

/* The program in one line. */
enum { PROVENANCE_LINE = 512 };
void provenance_line(char out[PROVENANCE_LINE]);

/* The processor's name, or "unknown". */
void provenance_cpu(char *out, size_t size);

#endif
