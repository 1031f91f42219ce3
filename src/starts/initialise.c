/* SPDX-License-Identifier: MIT */
/* initialise.c - where runs of layered networks start, by the names that ML frameworks use. */
#include "num/draw.h"

#include <string.h>

/* The variance of a normal distribution, or the square of a uniform one's bound, is
 * gain^2 numerator / fan. */
static const struct initialiser {
    bf_initialiser_info info;
    bool uniform;
    unsigned numerator;
    bool both;   /* fan is fan_in + fan_out, else fan_in */
    bool biases; /* biases are drawn as the weights of their layer, else 0 */
} initialisers[] = {
    /* K. He et al., ICCV 2015; X. Glorot, Y. Bengio, AISTATS 2010; Y. LeCun et al., 1998 */
    {{"torch_default", "1", "weights and biases uniform, bound gain/sqrt(fan_in)"},
     true,
     1,
     false,
     true},
    {{"kaiming_uniform", "sqrt(2)", "weights uniform, bound gain sqrt(3/fan_in)"},
     true,
     3,
     false,
     false},
    {{"kaiming_normal", "sqrt(2)", "weights normal, deviation gain/sqrt(fan_in)"},
     false,
     1,
     false,
     false},
    {{"xavier_uniform", "1", "weights uniform, bound gain sqrt(6/(fan_in + fan_out))"},
     true,
     6,
     true,
     false},
    {{"xavier_normal", "1", "weights normal, deviation gain sqrt(2/(fan_in + fan_out))"},
     false,
     2,
     true,
     false},
    {{"lecun_normal", "1", "weights normal, deviation gain/sqrt(fan_in)"}, false, 1, false, false},
};
enum { N_INITIALISERS = sizeof initialisers / sizeof *initialisers };

const bf_initialiser_info *bf_initialiser_list(size_t i) {
    return i < N_INITIALISERS ? &initialisers[i].info : NULL;
}

static bool ends_in(const char *name, const char *role) {
    const char *dot = strrchr(name, '.');
    return dot && strcmp(dot + 1, role) == 0;
}

/* The weight of the layer that a tensor belongs to, or NULL. */
static const bf_tensor *weight_of(const bf_ensemble *e, const bf_tensor *t) {
    const size_t layer = strcspn(t->name, ".") + 1;
    for (size_t i = 0; i < bf_n_tensors(e); i++) {
        const bf_tensor *w = bf_tensor_at(e, i);
        if (strncmp(w->name, t->name, layer) == 0 && strcmp(w->name + layer, "weight") == 0)
            return w;
    }
    return NULL;
}

/* Every parameter of t drawn with the fans of the weight w. */
static void draw_tensor(const bf_format *f, const struct initialiser *in, const bf_tensor *t,
                        const bf_tensor *w, const mpq_t gain_square, uint64_t seed, uint64_t trial,
                        uint8_t *theta) {
    const unsigned long fan_in = (unsigned long)w->columns,
                        fan_out = (unsigned long)w->rows * (unsigned long)w->area;
    mpq_t square, x;
    mpz_t m;
    mpfr_t r;
    mpq_inits(square, x, NULL);
    mpz_init(m);
    mpfr_init2(r, f->precision);
    mpq_set_ui(square, in->numerator, in->both ? fan_in + fan_out : fan_in);
    mpq_canonicalize(square);
    mpq_mul(square, square, gain_square);
    for (size_t i = t->offset; i < t->offset + t->count; i++) {
        if (in->uniform) { /* |bound u| is a root */
            bf_draw_odd(m, 1, seed, BF_STREAM_START, trial, (uint32_t)i, 0);
            mpq_set_z(x, m);
            mpq_div_2exp(x, x, WORD);
            mpq_mul(x, x, x);
            mpq_mul(x, x, square);
            bf_number_round_exact(f, x, true, r);
            if (mpz_sgn(m) < 0)
                mpfr_neg(r, r, MPFR_RNDN);
        } else {
            bf_draw_normal(f, r, square, 1, seed, BF_STREAM_START, trial, (uint32_t)i);
        }
        bf_format_encode(f, r, theta + i * f->bytes);
    }
    mpq_clears(square, x, NULL);
    mpz_clear(m);
    mpfr_clear(r);
}

/* The square of a gain, which is a rational or the root of one. */
static bf_status square_gain(const char *text, mpq_t out, bf_error *err) {
    bool root;
    bf_status s = bf_number_exact(text, out, &root, err);
    if (s == BF_OK && mpq_sgn(out) == 0)
        s = bf_fail(err, BF_EINPUT, "a gain of %.60s; expected a number above 0", text);
    if (s == BF_OK && !root)
        mpq_mul(out, out, out);
    return s;
}

bf_status bf_start_layers(const bf_ensemble *e, uint8_t *theta, const char *name, const char *gain,
                          uint64_t seed, uint64_t trial, bf_error *err) {
    const bf_format *f = bf_ensemble_format(e);
    size_t k = 0;
    while (k < N_INITIALISERS && strcmp(initialisers[k].info.name, name) != 0)
        k++;
    if (k == N_INITIALISERS)
        return bf_fail(err, BF_EINPUT, "unknown initialiser '%.40s'", name);
    const struct initialiser *in = &initialisers[k];
    mpq_t gain_square;
    mpq_init(gain_square);
    bf_status s = square_gain(gain ? gain : in->info.gain, gain_square, err);
    for (size_t i = 0; i < bf_n_tensors(e) && s == BF_OK; i++) {
        const bf_tensor *t = bf_tensor_at(e, i);
        const bool bias = ends_in(t->name, "bias"), one = ends_in(t->name, "gain");
        const bf_tensor *w = bias ? in->biases ? weight_of(e, t) : NULL : t;
        if (w && !one) {
            draw_tensor(f, in, t, w, gain_square, seed, trial, theta);
            continue;
        }
        for (size_t j = t->offset; j < t->offset + t->count && s == BF_OK; j++)
            s = bf_number(f, one ? "1" : "0", theta + j * f->bytes, err);
    }
    mpq_clear(gain_square);
    return s;
}
