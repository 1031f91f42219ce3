/* SPDX-License-Identifier: MIT */
/* studies.c - the list of studies: a new one is a folder and a line here. */
#include "studies/study.h"

#define STUDIES(EACH) \
    EACH(sweep)       \
    EACH(ladder)      \
    EACH(lyapunov)    \
    EACH(map)         \
    EACH(matrix)      \
    EACH(claim)

#define DECLARE(name) extern const study study_##name;
#define ENTRY(name) &study_##name,
STUDIES(DECLARE)
const study *const studies[] = {STUDIES(ENTRY) NULL};
