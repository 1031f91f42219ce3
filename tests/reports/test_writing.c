/* SPDX-License-Identifier: MIT */
/* test_writing.c - perturbations in words. */
#include "writer/writing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bitfate.h"

static char *said(const char *perturbation, const char *eps) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    assert_non_null(f);
    const perturbation_words w = writing_perturbation(perturbation);
    put_perturbation(f, &w, eps);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void every_perturbation_of_the_engine_has_words(void **state) {
    (void)state;
    const bf_perturbation *p;
    size_t n = 0;
    for (size_t i = 0; (p = bf_perturbation_list(i)); i++, n++) {
        const perturbation_words w = writing_perturbation(p->name);
        assert_string_equal(w.name, p->name);
        assert_non_null(w.before);
        assert_int_equal(w.counts, p->counts);
    }
    assert_true(n >= 4);
}

static void an_unknown_perturbation_is_called_by_its_name(void **state) {
    (void)state;
    char *text = said("hammer", "1e-3");
    assert_string_equal(text, "a perturbation (hammer) of 10\u207b\u00b3");
    free(text);
    text = said("ulps", "4");
    assert_non_null(strstr(text, "a step of 4"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_perturbation_of_the_engine_has_words),
        cmocka_unit_test(an_unknown_perturbation_is_called_by_its_name),
    };
    return cmocka_run_group_tests_name("writing", tests, NULL, NULL);
}
