/* SPDX-License-Identifier: MIT */
/* perturbed_environment.h - another floating-point environment for the caller of the engine,
 * which the strict arithmetics must not depend on (doc/numerics.md, section 6). */
#ifndef PERTURBED_ENVIRONMENT_H
#define PERTURBED_ENVIRONMENT_H

#include "bitfate.h"

#include <fenv.h>

/* Set this thread's rounding mode ("nearest", "up", "down", "zero"; NULL: as it is) and whether it
 * flushes subnormals, operands and results, to zero. fesetenv(found) undoes it. */
BF_MUST_CHECK bf_status perturbed_environment(const char *rounding, bool flush, fenv_t *found,
                                              bf_error *err);

#endif
