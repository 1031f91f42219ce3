/* SPDX-License-Identifier: MIT */
/* relations.h - what concerns several fields of an experiment at once. */
#ifndef RELATIONS_H
#define RELATIONS_H

#include "experiment/experiment.h"
#include "experiment/tree.h"

/* Of an experiment that has been read from the loader's tree. */
bool relations_hold(loader *l, const experiment *x);
/* Whether one field of a group is below another. */
bool ordered_fields(loader *l, const node *low, const node *high, const char *group);

#endif
