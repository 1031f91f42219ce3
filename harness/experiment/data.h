/* SPDX-License-Identifier: MIT */
/* data.h - what an experiment knows of its data beyond the file. */
#ifndef EXPERIMENT_DATA_H
#define EXPERIMENT_DATA_H

#include "experiment/experiment.h"

/* Loaded by one thread. */
struct experiment_data {
    bf_data_set *set;
    char hash[33]; /* that of the set; empty before */
};

#endif
