/* SPDX-License-Identifier: MIT */
/* test_known_answers.c - layers and optimisers that have a definition outside of this project agree
 * with it: with numbers that known_answers.py computed from PyTorch's documentation, to 80 digits,
 * in an arithmetic of its own. In 256 bits a wrong formula has no tolerance to hide behind; in
 * binary64 a way to compute it that loses digits has none. */
#include "laws.h"

static const char *const arithmetics[] = {"f64", "mpfr:256"};

/* The numbers, rounded into the format, are so near. */
static void near(const bf_format *f, const uint8_t *found, const char *expected, double ulps,
                 const char *what, const char *of) {
    uint8_t bytes[BF_MAX_BYTES];
    char text[200];
    must(bf_number(f, expected, bytes, &err));
    if (bf_ulps(f, found, bytes) <= ulps)
        return;
    bf_to_decimal(f, found, text, sizeof text);
    fail_msg("%s of %s in %d bits: %s, %g ulps from %s", what, of, f->precision, text,
             bf_ulps(f, found, bytes), expected);
}

/* ---- layers ------------------------------------------------------------------------------- */

/* y(x) and dy/dx. */
static const struct {
    const char *kind, *x, *y, *slope;
} layers[] = {
    {"silu", "-700",
     "-6.9017735806318395996937610634946255735809201269806591974105267374552307576162460E-302",
     "-6.8919139040880798288370556905467761084758045267992582556999402706874375708196514E-302"},
    {"leaky_relu", "-700", "-7.00", "0.01"},
    {"silu", "-30",
     "-2.8072868906517896861518687959854952334727206283608756672085212369020555782479305E-12",
     "-2.7137106609631340012905923230065664743091327980013834400444367442250556664006491E-12"},
    {"leaky_relu", "-30", "-0.30", "0.01"},
    {"silu", "-1.5",
     "-0.27363828570953451058917423201562762868063873462864307508491755775732866804170092",
     "-0.041294154299142944359517294307265292623966783886436675520124549586114088304454205"},
    {"leaky_relu", "-1.5", "-0.015", "0.01"},
    {"silu", "-0.25",
     "-0.10945587477855047399316909052426341154051015093558265619816625114096796896445875",
     "0.37628997842980230907636337645769023547133639836178972461866755990385826000739035"},
    {"leaky_relu", "-0.25", "-0.0025", "0.01"},
    {"silu", "-1e-5",
     "-0.0000049999750000000002083333333312500000000210813492061356371252226224296536577290701",
     "0.49999500000000008333333333208333333335019841269819912918871511869688949952841012"},
    {"leaky_relu", "-1e-5", "-1E-7", "0.01"},
    {"silu", "0", "0.0", "0.50"},
    {"leaky_relu", "0", "0.00", "0.01"},
    {"silu", "0.25",
     "0.14054412522144952600683090947573658845948984906441734380183374885903203103554125",
     "0.62371002157019769092363662354230976452866360163821027538133244009614173999260965"},
    {"leaky_relu", "0.25", "0.25", "1"},
    {"silu", "1.5",
     "1.2263617142904654894108257679843723713193612653713569249150824422426713319582991",
     "1.0412941542991429443595172943072652926239667838864366755201245495861140883044542"},
    {"leaky_relu", "1.5", "1.5", "1"},
    {"silu", "30",
     "29.999999999997192713109348210313848131204014504766527279371639124332791478763098",
     "1.0000000000027137106609631340012905923230065664743091327980013834400444367442251"},
    {"leaky_relu", "30", "30", "1"},
    {"silu", "700", "700", "1"},
    {"leaky_relu", "700", "700", "1"},
};

typedef struct seen {
    uint8_t forward[BF_MAX_BYTES], backward[BF_MAX_BYTES];
    size_t bytes;
} seen;

/* What the layer gives forward and backward. */
static void see(void *context, const bf_operation *o) {
    seen *s = context;
    if (o->layer == 1 && strcmp(o->name, "forward") == 0)
        memcpy(s->forward, o->values, s->bytes);
    if (o->layer == 1 && strcmp(o->name, "backward") == 0)
        memcpy(s->backward, o->values, s->bytes);
}

/* One weight and the layer behind it. The delta of its output, y - t with the target t = -2^1000,
 * is 2^1000 after rounding (in a wide format), so 2^1000 dy/dx goes back. */
static seen through(const bf_arithmetic *a, const char *kind, const uint8_t *x) {
    static const double one = 1, target = -0x1p1000;
    static const bf_data data = {.n = 1, .inputs = 1, .outputs = 1, .x = &one, .y = &target};
    const bf_layer model[] = {BF_LAYER("dense", {"width", "1"}, {"bias", "false"}), {.kind = kind}};
    const bf_problem p = {.layers = model,
                          .n_layers = LENGTH(model),
                          .loss = "sum_squares",
                          .data = &data,
                          .rate = "1",
                          .bound = "inf"};
    bf_ensemble *e;
    seen s = {.bytes = a->format.bytes};
    must(bf_ensemble_new(&e, a, &p, &err));
    bf_lane_start(e, 0, x);
    must(bf_observe(e, 0, see, &s, &err));
    bf_gradient(e);
    bf_ensemble_free(e);
    return s;
}

static void layers_are_as_defined(void **state) {
    (void)state;
    for (size_t a = 0; a < LENGTH(arithmetics); a++)
        for (size_t i = 0; i < LENGTH(layers); i++) {
            const bf_arithmetic of = arithmetic(arithmetics[a]);
            const bf_format *f = &of.format;
            uint8_t x[BF_MAX_BYTES];
            must(bf_number(f, layers[i].x, x, &err));
            seen s = through(&of, layers[i].kind, x);
            near(f, s.forward, layers[i].y, 2, layers[i].kind, layers[i].x);
            mpfr_t back;
            mpfr_init2(back, f->precision);
            decode(f, s.backward, back);
            mpfr_div_2ui(back, back, 1000, MPFR_RNDN);
            encode(f, back, s.backward);
            near(f, s.backward, layers[i].slope, 4, layers[i].kind, layers[i].x);
            mpfr_clear(back);
        }
}

/* Nothing overflows on the way to a finite result. */
static void silu_of_the_largest_numbers(void **state) {
    (void)state;
    static const char *const names[] = {"bf16", "f16", "f32", "f64", "mpfr:4", "mpfr:113"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        const bf_arithmetic a = arithmetic(names[i]);
        uint8_t x[BF_MAX_BYTES];
        bf_largest(&a.format, x);
        seen s = through(&a, "silu", x);
        assert_memory_equal(s.forward, x, a.format.bytes);
        flip_sign(&a.format, x);
        s = through(&a, "silu", x);
        near(&a.format, s.forward, "0", 0, "silu", "the largest number, negative");
    }
}

/* ---- optimisers --------------------------------------------------------------------------- */

/* w and b after 7 steps from (1/2, -1/4) down sum (w x + b - y)^2 / 4 over (1, 2), (3, -1). */
static const struct {
    const char *name;
    const bf_setting *settings;
    size_t n_settings;
    const char *theta[2];
} optimisers[] = {
    {"sgd", NULL, 0, {"-0.065127750", "0.038282725"}},
    {"sgd",
     BF_SETTINGS({"momentum", "0.8"}, {"weight_decay", "0.02"}),
     {"-0.1992931849935614752640", "0.86112557959953474083200"}},
    {"nesterov",
     BF_SETTINGS({"momentum", "0.8"}, {"weight_decay", "0.02"}),
     {"-0.42567505553617335536928276480", "0.933893536056252076327083622400"}},
    {"nesterov", NULL, 0, {"-0.5493769257860250", "1.2470819468677525"}},
    {"adam",
     NULL,
     0,
     {"-0.097173260412065407417492460001747544129084194584317853541234764109150039243716720",
      "-0.081488252374023221431411144525262906351506471349947358467326421108243936786751023"}},
    {"adam",
     BF_SETTINGS({"beta1", "0.8"}, {"beta2", "0.95"}, {"epsilon", "1e-3"},
                 {"weight_decay", "0.02"}),
     {"-0.081665668813595268066592475987110689849736591528856055041951176985249230937766954",
      "-0.024436077156664763847660557947753675210548875436436563114002747491876638397411421"}},
    {"adamw",
     NULL,
     0,
     {"-0.098356425405418084080915103076969168797909777973863071574063703695074551691659918",
      "-0.078663927660108843044278172046354760353722942344099648766742492415214803222024398"}},
    {"adamw",
     BF_SETTINGS({"beta1", "0.8"}, {"beta2", "0.95"}, {"epsilon", "1e-3"}, {"weight_decay", "0.3"}),
     {"-0.11025021800817483972452330323789782095124850886695523507169176973495797107376697",
      "0.039475538067640902736426890631978258547758517122632547994171553206904932521157503"}},
};

static void optimisers_are_as_defined(void **state) {
    (void)state;
    static const double x[] = {1, 3}, y[] = {2, -1};
    static const bf_data data = {.n = 2, .inputs = 1, .outputs = 1, .x = x, .y = y};
    const bf_layer line[] = {BF_LAYER("dense", {"width", "1"})};
    for (size_t a = 0; a < LENGTH(arithmetics); a++)
        for (size_t i = 0; i < LENGTH(optimisers); i++) {
            const bf_arithmetic of = arithmetic(arithmetics[a]);
            const bf_format *f = &of.format;
            const bf_problem p = {.layers = line,
                                  .n_layers = 1,
                                  .loss = "sum_squares",
                                  .data = &data,
                                  .rate = "0.1",
                                  .optimiser = optimisers[i].name,
                                  .optimiser_settings = optimisers[i].settings,
                                  .n_optimiser_settings = optimisers[i].n_settings,
                                  .bound = "inf"};
            bf_ensemble *e;
            uint8_t theta[2 * BF_MAX_BYTES];
            must(bf_ensemble_new(&e, &of, &p, &err));
            must(bf_number(f, "1/2", theta, &err));
            must(bf_number(f, "-1/4", theta + f->bytes, &err));
            bf_lane_start(e, 0, theta);
            assert_int_equal(bf_train(e, 7), 7);
            bf_lane_theta(e, 0, theta);
            for (size_t k = 0; k < 2;
                 k++) /* 1 - 0.999 makes a thousandfold of the rounding of 0.999 */
                near(f, theta + k * f->bytes, optimisers[i].theta[k], 256, optimisers[i].name,
                     k ? "b" : "w");
            bf_ensemble_free(e);
        }
}

/* ---- the sequence of roundings ------------------------------------------------------------ */

/* A line of two parameters through silu, in binary64, as doc/numerics.md words it. */
typedef struct reference {
    double theta[2], m[2], v[2], power[2];
} reference;

static double exp_rounded(double x) {
    mpfr_t t;
    mpfr_init2(t, 53);
    mpfr_set_d(t, x, MPFR_RNDN);
    mpfr_exp(t, t, MPFR_RNDN);
    x = mpfr_get_d(t, MPFR_RNDN); /* far from subnormal here */
    mpfr_clear(t);
    return x;
}

static void reference_gradient(const reference *r, const bf_data *data, double g[2]) {
    g[0] = g[1] = 0;
    for (size_t i = 0; i < data->n; i++) {
        const double a = fma(data->x[i], r->theta[0], 0.0) + r->theta[1];
        const double u = exp_rounded(-fabs(a)), d = u + 1;
        const double s = 0 > a ? u / d : 1 / d, c = 0 > a ? 1 / d : u / d;
        double delta = (a * s - data->y[i]) * (1.0 / (double)data->n);
        delta = delta * (fma(a, c, 1) * s);
        g[0] = fma(delta, data->x[i], g[0]);
        g[1] = fma(1, delta, g[1]);
    }
}

/* The number of an option: as set, or the default. */
static double number(const bf_problem *p, const char *name, const char *value) {
    for (size_t i = 0; i < p->n_optimiser_settings; i++)
        if (strcmp(p->optimiser_settings[i].name, name) == 0)
            value = p->optimiser_settings[i].value;
    return strtod(value, NULL);
}

static void reference_adam(reference *r, const bf_problem *p, size_t k, double g) {
    const double beta1 = number(p, "beta1", "0.9"), beta2 = number(p, "beta2", "0.999");
    const double m = fma(beta1, r->m[k], (1 - beta1) * g);
    const double v = fma(beta2, r->v[k], (1 - beta2) * (g * g));
    const double below = sqrt(v / (1 - r->power[1])) + number(p, "epsilon", "1e-8");
    r->theta[k] = fma(-strtod(p->rate, NULL), m / (1 - r->power[0]) / below, r->theta[k]);
    r->m[k] = m;
    r->v[k] = v;
}

static void reference_step(reference *r, const bf_problem *p) {
    const double rate = strtod(p->rate, NULL);
    const bool decoupled = strcmp(p->optimiser, "adamw") == 0;
    const double decay = number(p, "weight_decay", decoupled ? "0.01" : "0");
    double g[2];
    reference_gradient(r, p->data, g);
    r->power[0] *= number(p, "beta1", "0.9");
    r->power[1] *= number(p, "beta2", "0.999");
    for (size_t k = 0; k < 2; k++) {
        double *w = &r->theta[k];
        if (decoupled)
            *w = *w * fma(-rate, decay, 1);
        else if (decay != 0)
            g[k] = fma(decay, *w, g[k]);
        if (strncmp(p->optimiser, "adam", 4) == 0) {
            reference_adam(r, p, k, g[k]);
            continue;
        }
        const bool nesterov = strcmp(p->optimiser, "nesterov") == 0;
        const double momentum = number(p, "momentum", nesterov ? "0.9" : "0");
        r->v[k] = fma(momentum, r->v[k], g[k]);
        *w = fma(-rate, nesterov ? fma(momentum, r->v[k], g[k]) : r->v[k], *w);
    }
}

static void every_operation_is_rounded_as_specified(void **state) {
    (void)state;
    static const double x[] = {0.3, -1.7, 2.2}, y[] = {0.9, 0.4, -0.6};
    static const bf_data data = {.n = 3, .inputs = 1, .outputs = 1, .x = x, .y = y};
    const bf_layer model[] = {BF_LAYER("dense", {"width", "1"}), {.kind = "silu"}};
    const bf_arithmetic f64 = arithmetic("f64");
    for (size_t i = 0; i < LENGTH(optimisers); i++) {
        const bf_problem p = {.layers = model,
                              .n_layers = LENGTH(model),
                              .loss = "sum_squares",
                              .data = &data,
                              .rate = "0.1",
                              .optimiser = optimisers[i].name,
                              .optimiser_settings = optimisers[i].settings,
                              .n_optimiser_settings = optimisers[i].n_settings,
                              .bound = "inf"};
        reference r = {.theta = {0.7, -0.45}, .power = {1, 1}};
        bf_ensemble *e;
        uint8_t theta[16];
        must(bf_ensemble_new(&e, &f64, &p, &err));
        must(bf_number(&f64.format, "0.7", theta, &err));
        must(bf_number(&f64.format, "-0.45", theta + 8, &err));
        bf_lane_start(e, 0, theta);
        for (int step = 1; step <= 200; step++) {
            reference_step(&r, &p);
            bf_train(e, 1);
            bf_lane_theta(e, 0, theta);
            if (bf_to_double(&f64.format, theta) != r.theta[0] ||
                bf_to_double(&f64.format, theta + 8) != r.theta[1])
                fail_msg("%s, problem %zu: step %d differs", p.optimiser, i, step);
        }
        bf_ensemble_free(e);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_as_defined),
        cmocka_unit_test(silu_of_the_largest_numbers),
        cmocka_unit_test(optimisers_are_as_defined),
        cmocka_unit_test(every_operation_is_rounded_as_specified),
    };
    return cmocka_run_group_tests_name("known answers", tests, NULL, NULL);
}
