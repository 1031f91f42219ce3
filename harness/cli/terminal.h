/* SPDX-License-Identifier: MIT */
/* terminal.h - a progress bar with rate and time left. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "run/progress.h"

/* For limits: draw the bar on standard error, which is a terminal; `last` leaves a line that says
 * what was done. */
void terminal_show(const progress *p, bool last);

#endif
