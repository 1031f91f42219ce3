/* SPDX-License-Identifier: MIT */
/* verify.h - a condition that a caller promises to keep, looked at in builds with --enable-verify
 * only: a breach is a bug of the program, so it says where and aborts. */
#ifndef BASE_VERIFY_H
#define BASE_VERIFY_H

#ifdef BF_VERIFY
#include <stdio.h>
#include <stdlib.h>

#define VERIFY(condition, function, sentence)                                                   \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            fprintf(stderr, "%s:%d: %s: broken: %s\n", __FILE__, __LINE__, function, sentence); \
            abort();                                                                            \
        }                                                                                       \
    } while (0)
#else
#define VERIFY(condition, function, sentence) \
    do {                                      \
    } while (0)
#endif

#endif
