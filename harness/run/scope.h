/* SPDX-License-Identifier: MIT */
/* scope.h - where a golden's bits are promised, and what identifies this place. */
#ifndef SCOPE_H
#define SCOPE_H

#include "bitfate.h"

enum { SCOPE_SIZE = 512 };

/* The text of a golden's scope, recorded here and now under the arithmetic (whose library, if it
 * names one, may be opened):
 *   any
 *   kernel PATH, bitfate VERSION
 *   binary program HASH[, CBLAS HASH CORE x THREADS, libm HASH], CPU MACHINE MODEL
 * A hash is that of the file. */
BF_MUST_CHECK bf_status scope_here(bf_scope scope, const bf_arithmetic *a, char out[SCOPE_SIZE],
                                   bf_error *err);

#endif
