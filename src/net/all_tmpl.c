/* SPDX-License-Identifier: MIT */
/* all_tmpl.c - every layer, loss and optimiser (their tables are in plan.h). */
#include "net/dense_tmpl.c"
#include "net/conv_tmpl.c"
#include "net/avg_pool_tmpl.c"
#include "net/max_pool_tmpl.c"
#include "net/flatten_tmpl.c"
#include "net/patches_tmpl.c"
#include "net/position_tmpl.c"
#include "net/mean_tmpl.c"
#include "net/residual_tmpl.c"
#include "net/norm_tmpl.c"
#include "net/attention_tmpl.c"
#include "net/tanh_tmpl.c"
#include "net/softsign_tmpl.c"
#include "net/gelu_tmpl.c"
#include "net/relu_tmpl.c"

#include "net/mse_tmpl.c"
#include "net/squares_tmpl.c"
#include "net/cross_entropy_tmpl.c"

#include "net/sgd_tmpl.c"
#include "net/adam_tmpl.c"
