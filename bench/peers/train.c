/* SPDX-License-Identifier: MIT */
/* train.c - the minimal model in C, as one writes it for speed: compiled with the platform's libm,
 * with -Ofast (where glibc's libmvec is, it then gives tanh of whole vectors), and with SLEEF.
 * NAME says which. */
#include "peer.h"
#include "minimal.h"

#if defined WITH_SLEEF && !WITH_SLEEF

int main(void) {
    puts("{\"absent\": \"SLEEF\"}");
    return 0;
}

#else

#if defined WITH_SLEEF
#include "vector_sleef.h"

static void tanh_all_double(double *h, size_t n) {
    size_t i = 0;
    for (; i + D <= n; i += D)
        store_d(h + i, SLEEF_D(tanh, u10)(load_d(h + i)));
    for (; i < n; i++)
        h[i] = Sleef_tanh_u10(h[i]);
}

static void tanh_all_float(float *h, size_t n) {
    size_t i = 0;
    for (; i + F <= n; i += F)
        store_f(h + i, SLEEF_F(tanh, u10)(load_f(h + i)));
    for (; i < n; i++)
        h[i] = Sleef_tanhf_u10(h[i]);
}

#else

static void tanh_all_double(double *h, size_t n) {
    for (size_t i = 0; i < n; i++)
        h[i] = tanh(h[i]);
}

static void tanh_all_float(float *h, size_t n) {
    for (size_t i = 0; i < n; i++)
        h[i] = tanhf(h[i]);
}

#endif

#define REAL double
#include "train_tmpl.c"
#undef REAL
#define REAL float
#include "train_tmpl.c"

int main(void) {
    const peer_case cases[] = {best_double(NAME, "float64"), best_float(NAME, "float32")};
    return peer_serve(cases, 2);
}

#endif
