/* SPDX-License-Identifier: MIT */
/* engine.h - fields that the engine knows: kinds of layers and losses, optimisers, and the options
 * of each, whose rows are the engine's. A new option costs nothing here. */
#ifndef ENGINE_H
#define ENGINE_H

#include "experiment/field.h"

/* model.layers, model.loss, and the optimiser's options among the fields of train. */
extern const field_own layers_field, loss_field, optimiser_field;
/* The options of all optimisers, each once. */
const char *known_optimiser_option(size_t i);

/* By name or alias; NULL: there is none. */
const bf_layer_info *engine_layer(const char *kind);
const bf_loss_info *engine_loss(const char *name);
const bf_optimiser_info *engine_optimiser(const char *name);

/* The plain form, before and after each override, so that overrides may address it:
 * `tanh`, `{tanh: {gain: 2}}`, `{dense: 2, bias: false}` -> `{kind: ..., width: 2, ...}`; present
 * names for aliases. */
bool engine_plain(loader *l);

#endif
