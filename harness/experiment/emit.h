/* SPDX-License-Identifier: MIT */
/* emit.h - YAML written so that any reader reads what was meant. */
#ifndef EMIT_H
#define EMIT_H

#include <stddef.h>
#include <stdio.h>

/* A scalar that any YAML reader reads as this text: plain where that is safe. */
void emit_text(FILE *f, const char *s);
/* A flow list that begins in the given column; lines end before the 100th. */
void emit_list(FILE *f, char *const *items, unsigned n, size_t column);
/* Write `form`, each % in it replaced by the next text. */
void emit_form(FILE *f, const char *form, ...);
/* What `write` writes, as a string to be freed; NULL: no memory. */
char *emit_string(void (*write)(FILE *f, const void *what), const void *what);

#endif
