/* SPDX-License-Identifier: MIT */
/* all_tmpl.c - every layer and every loss (their table is in plan.h). */
#include "net/dense_tmpl.c"
#include "net/tanh_tmpl.c"

#include "net/mse_tmpl.c"
