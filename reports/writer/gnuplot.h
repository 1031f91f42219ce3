/* SPDX-License-Identifier: MIT */
/* gnuplot.h - gnuplot as a process. */
#ifndef GNUPLOT_H
#define GNUPLOT_H

#include "bitfate.h"

#include <stdio.h>

/* The SVG that it makes of what `script` writes of `of`. BF_EMACHINE when gnuplot cannot be run or
 * fails. The caller frees it, whatever happened. */
BF_MUST_CHECK bf_status gnuplot_draw(char **svg, void (*script)(FILE *out, const void *of),
                                     const void *of, bf_error *err);

#endif
