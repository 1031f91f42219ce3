/* SPDX-License-Identifier: MIT */
/* output.h - a matrix for people and for other programs. */
#ifndef MATRIX_OUTPUT_H
#define MATRIX_OUTPUT_H

#include "studies/matrix/matrix.h"

/* Groups, the axes that explain them, differences, and the cells that have no place in a group. */
void matrix_print(const matrix *m, FILE *f);

struct json_t;
/* Axes, cells with the command that runs each again, groups, explanation, differences; NULL: no
 * memory. */
struct json_t *matrix_json(const matrix *m);

/* JUnit XML, as Jenkins' junit-10.xsd has it: a test case for each cell, failed when it is not in
 * the group of cell `reference`, skipped when it was refused, in error when it has no result. */
BF_MUST_CHECK bf_status matrix_junit(const matrix *m, size_t reference, const char *path,
                                     bf_error *err);

/* SARIF 2.1.0 (OASIS): a result for each difference and each cell that varies or has no result, at
 * the line of the axis in the experiment's file. */
BF_MUST_CHECK bf_status matrix_sarif(const matrix *m, const char *path, bf_error *err);

#endif
