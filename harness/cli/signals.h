/* SPDX-License-Identifier: MIT */
/* signals.h - the interrupt signals. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM is remembered; a second ends the program at once. */
void signals_catch(void);

/* For limits: whether there was one. */
bool signals_interrupted(void *unused);

#endif
