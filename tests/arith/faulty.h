/* SPDX-License-Identifier: MIT */
/* faulty.h - f64 with faults: an arithmetic of the tests, compiled from the engine's own templates,
 * one of whose operations can be made to go wrong in one lane. */
#ifndef TESTS_FAULTY_H
#define TESTS_FAULTY_H

#include "bitfate.h"

/* Operations are counted from faulty_arm on: a `num` operation is one, a whole sum is one. */
typedef struct fault {
    enum fault_kind {
        FAULT_NONE,
        FAULT_ULP,  /* the result is the next number, up or down */
        FAULT_BIT,  /* bit p of the result is flipped */
        FAULT_TERM, /* so is the partial sum after term p */
        FAULT_SWAP, /* terms p and q of the sum are exchanged */
        FAULT_DROP  /* from `call` to before `end`, results are not stored */
    } kind;
    uint64_t call, end;
    int lane;
    bool up;
    size_t p, q;
} fault;

/* The arithmetic; its one fault is global, so one thread at a time. */
void faulty_arithmetic(bf_arithmetic *out);
void faulty_arm(const fault *f);
/* Operations since then. */
uint64_t faulty_calls(void);

#endif
