/* SPDX-License-Identifier: MIT */
/* matrix.h - the fields of `matrix` that are no plain values: axes, and the cell of reference. */
#ifndef EXPERIMENT_MATRIX_H
#define EXPERIMENT_MATRIX_H

#include "experiment/field.h"

extern const field_own axes_field, reference_field;
const char *known_axis(size_t i);

#endif
