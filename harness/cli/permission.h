/* SPDX-License-Identifier: MIT */
/* permission.h - which libraries the user named. */
#ifndef PERMISSION_H
#define PERMISSION_H

#include "cli/options.h"

/* Fill the limits' libraries: those of the arithmetics in --arith and in --set arithmetics=...;
 * from --set matrix...=..., those of its arithmetics and every value itself, such as the path of a
 * library or what a variable is set to; with --allow-library, all. To be freed by permission_free
 * whether or not it succeeds. */
BF_MUST_CHECK bf_status permission_find(limits *l, const options *o, bf_error *err);
void permission_free(limits *l);

#endif
