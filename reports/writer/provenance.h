/* SPDX-License-Identifier: MIT */
/* provenance.h - where a store's rows came from, and how to make them again. */
#ifndef REPORT_PROVENANCE_H
#define REPORT_PROVENANCE_H

#include "writer/chapter.h"

extern const char provenance_question[];
sentence provenance_headline;
/* The commands of all sessions, one a line, each once. */
sentence provenance_commands;
/* Facts against sessions; neighbouring sessions that say the same share a column. */
void provenance_table(table *t, const summary *sum);

#endif
