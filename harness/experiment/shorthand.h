/* SPDX-License-Identifier: MIT */
/* shorthand.h - what an experiment file may say in short, in full: in the tree, before it is read
 * by the table. */
#ifndef SHORTHAND_H
#define SHORTHAND_H

#include "experiment/tree.h"

/* The name, when there is none: the file's, without folders and ending. */
bool plain_name(loader *l);
/* `init: planes` -> `init: {planes: }`; of several distributions the one that counts. */
bool plain_init(loader *l);
/* A single eps, `{values: [...]}` or `{from, to, points}` -> a list. */
bool plain_eps(loader *l);

#endif
