/* SPDX-License-Identifier: MIT */
/* perturbed_environment.h - the floating-point environment of a caller who does not care: the
 * engine's strict arithmetics must not notice it (doc/numerics.md, section 6). */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "bitfate.h"

#include <fenv.h>

/* Set this thread's rounding mode ("nearest", "up", "down", "zero"; NULL: as it is) and whether it
 * flushes subnormals, operands and results, to zero. fesetenv(found) undoes it. */
BF_MUST_CHECK bf_status hostile_enter(const char *rounding, bool flush, fenv_t *found,
                                      bf_error *err);

#endif
