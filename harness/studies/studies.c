/* SPDX-License-Identifier: MIT */
/* studies.c - the list of studies: a new one is a folder and a line here. */
#include "studies/study.h"

extern const study study_sweep, study_ladder, study_lyapunov, study_map, study_matrix, study_claim;

const study *const studies[] = {
    &study_sweep, &study_ladder, &study_lyapunov, &study_map, &study_matrix, &study_claim, NULL,
};
