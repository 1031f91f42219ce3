/* SPDX-License-Identifier: MIT */
/* test_options.c - what must hold of the options of layers, losses and optimisers: of every row, of
 * every default, and what is said of a setting that cannot be. */
#include "laws.h"

/* ---- the rows ----------------------------------------------------------------------------- */

static void check_row(const char *kind, const bf_option *o) {
    if (!o->expected || !*o->expected || !o->summary || !*o->summary)
        fail_msg("%s.%s does not say what it is, or what is expected", kind, o->name);
    if (o->value && !bf_option_accepts(o, o->value))
        fail_msg("%s.%s: its default, %s, is not within its limits", kind, o->name, o->value);
    if (o->low && bf_option_accepts(o, o->low) == o->low_open)
        fail_msg("%s.%s: its lower limit is within, or is not, other than it says", kind, o->name);
    if (o->high && bf_option_accepts(o, o->high) == o->high_open)
        fail_msg("%s.%s: its upper limit is within, or is not, other than it says", kind, o->name);
    static const char *const never[] = {"", " ", "maybe", "inf", "nan", "1x", "0x", "1/0"};
    for (size_t i = 0; i < LENGTH(never); i++)
        assert_false(bf_option_accepts(o, never[i]));
}

static void check_rows(const char *kind, const char *summary, const bf_option *rows) {
    assert_true(kind && *kind && summary && *summary && rows);
    for (const bf_option *o = rows; o->name; o++) {
        check_row(kind, o);
        assert_ptr_equal(bf_option_find(rows, o->name), o); /* each name once */
        if (o->alias)
            assert_ptr_equal(bf_option_find(rows, o->alias), o);
    }
    assert_null(bf_option_find(rows, "no such option"));
}

static void every_row_is_complete(void **state) {
    (void)state;
    for (size_t i = 0; bf_layer_list(i); i++)
        check_rows(bf_layer_list(i)->kind, bf_layer_list(i)->summary, bf_layer_list(i)->options);
    for (size_t i = 0; bf_loss_list(i); i++)
        check_rows(bf_loss_list(i)->name, bf_loss_list(i)->summary, bf_loss_list(i)->options);
    for (size_t i = 0; bf_optimiser_list(i); i++)
        check_rows(bf_optimiser_list(i)->name, bf_optimiser_list(i)->summary,
                   bf_optimiser_list(i)->options);
}

/* A name or an alias means one kind. */
static void check_names(const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (names[i] && names[j] && strcmp(names[i], names[j]) == 0)
                fail_msg("'%s' means two kinds", names[i]);
}

static void every_kind_has_names_of_its_own(void **state) {
    (void)state;
    const char *names[3][64] = {{NULL}};
    for (size_t i = 0; bf_layer_list(i); i++) {
        names[0][2 * i] = bf_layer_list(i)->kind;
        names[0][2 * i + 1] = bf_layer_list(i)->alias;
    }
    for (size_t i = 0; bf_loss_list(i); i++) {
        names[1][2 * i] = bf_loss_list(i)->name;
        names[1][2 * i + 1] = bf_loss_list(i)->alias;
    }
    for (size_t i = 0; bf_optimiser_list(i); i++) {
        names[2][2 * i] = bf_optimiser_list(i)->name;
        names[2][2 * i + 1] = bf_optimiser_list(i)->alias;
    }
    for (size_t k = 0; k < 3; k++)
        check_names(names[k], LENGTH(names[k]));
}

/* ---- numbers at the limits ---------------------------------------------------------------- */

static void limits_are_exact(void **state) {
    (void)state;
    static const struct {
        bf_option option;
        const char *text;
        bool accepted;
    } cases[] = {
#define COUNT(low_, high_) {.name = "n", .type = BF_OPTION_COUNT, .low = low_, .high = high_}
        {COUNT("1", "9"), "1", true},
        {COUNT("1", "9"), "9", true},
        {COUNT("1", "9"), "0", false},
        {COUNT("1", "9"), "10", false},
        {COUNT("1", "9"), "01", false},
        {COUNT("1", "9"), "+1", false},
        {COUNT("1", "9"), "1.0", false},
        {COUNT("1", "9"), "18446744073709551617", false},
        {COUNT(NULL, NULL), "123456789012345678", true},
#define NUMBER(low_, high_, open) \
    {.name = "x",                 \
     .type = BF_OPTION_NUMBER,    \
     .low = low_,                 \
     .high = high_,               \
     .low_open = open,            \
     .high_open = open}
        {NUMBER("0", "1", false), "0", true},
        {NUMBER("0", "1", false), "-0", true},
        {NUMBER("0", "1", false), "1", true},
        {NUMBER("0", "1", false), "-1e-9999", false},
        {NUMBER("0", "1", false), "1.0000000000000000000000000000000000000001", false},
        {NUMBER("0", "1", true), "0", false},
        {NUMBER("0", "1", true), "1e-9999", true},
        {NUMBER("0", "1", true), "0.9999999999999999999999999999999999999999", true},
        {NUMBER("0", "1", true), "7/7", false},
        {NUMBER("0", "1", true), "sqrt(1/2)", true},
        {NUMBER(NULL, NULL, false), "-1e300", true},
        {NUMBER(NULL, NULL, false), "inf", false},
        {{.name = "b", .type = BF_OPTION_FLAG}, "true", true},
        {{.name = "b", .type = BF_OPTION_FLAG}, "false", true},
        {{.name = "b", .type = BF_OPTION_FLAG}, "1", false},
    };
    for (size_t i = 0; i < LENGTH(cases); i++)
        if (bf_option_accepts(&cases[i].option, cases[i].text) != cases[i].accepted)
            fail_msg("case %zu: '%s' is %s", i, cases[i].text,
                     cases[i].accepted ? "refused" : "accepted");
}

/* ---- settings ----------------------------------------------------------------------------- */

static const bf_layer wrong_layers[] = {
    BF_LAYER("dense", {"witdh", "1"}),
    BF_LAYER("dense", {"bias", "false"}),
    BF_LAYER("dense", {"width", "0"}),
    BF_LAYER("dense", {"width", "1"}, {"bias", "maybe"}),
    BF_LAYER("dense", {"width", "1"}, {"scale", "inf"}),
    BF_LAYER("dense", {"width", "1"}, {"width", "1"}),
    BF_LAYER("relu", {"slope", "1"}),
    BF_LAYER("norm", {"epsilon", "-1"}),
    BF_LAYER("conv", {"width", "1"}, {"kernel", "2"}, {"padding", "2"}),
    BF_LAYER("residual", {"over", "1"}),
    BF_LAYER("sparse", {"width", "1"}),
};
static const char *const of_layers[] = {
    "layer 0, dense: unknown option 'witdh'; expected one of width, bias, scale",
    "layer 0, dense: width is missing; expected a whole number from 1 to 65536",
    "layer 0, dense: width is '0'; expected a whole number from 1 to 65536",
    "layer 0, dense: bias is 'maybe'; expected true or false",
    "layer 0, dense: scale is 'inf'; expected a finite number",
    "layer 0, dense: width is given twice; expected it once",
    "layer 0, relu: unknown option 'slope'; expected no options",
    "layer 0, norm: epsilon is '-1'; expected a finite number, 0 or above",
    "layer 0, conv: a padding of 2; expected less than the kernel, 2",
    "layer 0, residual: over 1 layers; expected 1 to the 0 before it",
    "layer 0: unknown kind 'sparse'",
};

static void refused(const bf_problem *p, const char *text) {
    const bf_arithmetic a = arithmetic("f64");
    bf_ensemble *e;
    assert_int_equal(bf_ensemble_new(&e, &a, p, &err), BF_EINPUT);
    assert_null(e);
    assert_string_equal(err.text, text);
}

static void what_cannot_be_is_said(void **state) {
    (void)state;
    static const struct {
        const char *optimiser;
        bf_setting settings[2];
        const char *text;
    } of_optimisers[] = {
        {"adam",
         {{"momentum", "0.9"}},
         "adam: unknown option 'momentum'; expected one of beta1, beta2, epsilon, weight_decay"},
        {"adam", {{"beta1", "1"}}, "adam: beta1 is '1'; expected a number from 0, below 1"},
        {"sgd", {{"decay", "-1"}}, "sgd: decay is '-1'; expected a finite number, 0 or above"},
        {"sgd",
         {{"decay", "1"}, {"weight_decay", "1"}},
         "sgd: weight_decay is given twice; expected it once"},
        {"lion", {{NULL, NULL}}, "unknown optimiser 'lion'"},
    };
    for (size_t i = 0; i < LENGTH(wrong_layers); i++) {
        bf_problem p = minimal_problem();
        p.layers = &wrong_layers[i];
        p.n_layers = 1;
        refused(&p, of_layers[i]);
    }
    for (size_t i = 0; i < LENGTH(of_optimisers); i++) {
        bf_problem p = minimal_problem();
        p.optimiser = of_optimisers[i].optimiser;
        p.optimiser_settings = of_optimisers[i].settings;
        p.n_optimiser_settings = of_optimisers[i].settings[1].name   ? 2
                                 : of_optimisers[i].settings[0].name ? 1
                                                                     : 0;
        refused(&p, of_optimisers[i].text);
    }
    const bf_setting any[] = {{"reduction", "sum"}};
    bf_problem p = minimal_problem();
    p.loss_settings = any;
    p.n_loss_settings = 1;
    refused(&p, "mse: unknown option 'reduction'; expected no options");
}

/* Where two problems end. */
static void same_run(const bf_problem *a, const bf_problem *b, const char *what) {
    const bf_arithmetic f64 = arithmetic("f64");
    uint8_t *theta = starts(&f64.format, 4, (start_kind[]){{"1", NULL}}, 1, 1);
    outcome of_a, of_b;
    train_all(&(campaign){&f64, a, 1, theta, 50, .ends = NULL}, &of_a);
    train_all(&(campaign){&f64, b, 1, theta, 50, .ends = NULL}, &of_b);
    if (!same_outcome(&of_a, &of_b))
        fail_msg("%s: another run", what);
    free(theta);
}

/* What is left out is the default, given by name or by alias. */
static void a_default_is_what_is_left_out(void **state) {
    (void)state;
    const bf_optimiser_info *o;
    for (size_t i = 0; (o = bf_optimiser_list(i)); i++) {
        bf_setting given[8];
        bf_problem bare = minimal_problem(), full;
        bare.rate = "0.1";
        bare.optimiser = o->name;
        full = bare;
        full.optimiser_settings = given;
        for (const bf_option *row = o->options; row->name; row++)
            given[full.n_optimiser_settings++] =
                (bf_setting){row->alias ? row->alias : row->name, row->value};
        same_run(&bare, &full, o->name);
        for (size_t k = 0; k < full.n_optimiser_settings; k++)
            given[k].value = NULL;
        same_run(&bare, &full, o->name);
    }
    const bf_layer layers[] = {
        BF_LAYER("dense", {"width", "2"}, {"bias", "false"}, {"scale", "1"}),
        BF_LAYER("tanh", {"gain", "1"}),
        BF_LAYER("dense", {"width", "1"}, {"bias", "false"}),
    };
    const bf_layer bare[] = {
        BF_LAYER("dense", {"bias", "false"}, {"width", "2"}, {"scale", NULL}),
        {.kind = "tanh"},
        BF_LAYER("dense", {"width", "1"}, {"bias", "false"}),
    };
    bf_problem a = minimal_problem(), b = a;
    a.layers = layers;
    b.layers = bare;
    same_run(&a, &b, "layers");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(every_kind_has_names_of_its_own),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(what_cannot_be_is_said),
        cmocka_unit_test(a_default_is_what_is_left_out),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
