/* SPDX-License-Identifier: MIT */
/* style.h - the page's style sheet. */
#ifndef STYLE_H
#define STYLE_H

extern const char style_sheet[];

#endif
