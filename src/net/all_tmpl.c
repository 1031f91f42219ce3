/* SPDX-License-Identifier: MIT */
/* all_tmpl.c - every layer, loss and optimiser (their tables are in plan.h). */
#include "net/layers/dense_tmpl.c"
#include "net/layers/conv_tmpl.c"
#include "net/layers/avg_pool_tmpl.c"
#include "net/layers/max_pool_tmpl.c"
#include "net/layers/flatten_tmpl.c"
#include "net/layers/patches_tmpl.c"
#include "net/layers/positional_embedding_tmpl.c"
#include "net/layers/global_avg_pool_tmpl.c"
#include "net/layers/residual_tmpl.c"
#include "net/layers/layer_norm_tmpl.c"
#include "net/layers/attention_tmpl.c"
#include "net/layers/tanh_tmpl.c"
#include "net/layers/softsign_tmpl.c"
#include "net/layers/gelu_tmpl.c"
#include "net/layers/relu_tmpl.c"

#include "net/losses/mse_tmpl.c"
#include "net/losses/sum_squares_tmpl.c"
#include "net/losses/cross_entropy_tmpl.c"

#include "net/optimisers/sgd_tmpl.c"
#include "net/optimisers/adam_tmpl.c"
