/* SPDX-License-Identifier: MIT */
/* fields.h - the table of an experiment's fields, and which identities a field is part of. */
#ifndef FIELDS_H
#define FIELDS_H

#include "experiment/experiment.h"
#include "experiment/field.h"

enum {
    PART_RUN = 1,     /* every run depends on it */
    PART_DATA = 2,    /* likewise, unless the data are known by their hash */
    PART_OUTCOME = 4, /* labels */
    PART_SWEEP = 8,
    PART_LYAPUNOV = 16,
    PART_MAP = 32,
};

extern const field experiment_table[];

#endif
