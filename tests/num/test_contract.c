/* SPDX-License-Identifier: MIT */
/* test_contract.c - what contract.h promises of every arithmetic's temporaries; and, in a
 * build with --enable-verify, that a breach of each sentence that is executed ends the program.
 * Compiled over lanes of bfloat16 and over MPFR (OVER_MPFR). */
#ifdef OVER_MPFR
#include "num/mpfr.h"
static const char tested[] = "mpfr:100";
static inline bf_status ctx_init(num_ctx *c, const bf_arithmetic *of, size_t longest,
                                 bf_error *error) {
    (void)error;
    ctx_begin(c, of, longest);
    return BF_OK;
}
#else
#define NUM_HALF BF16
#include "num/lanes.h"
static const char tested[] = "bf16";
#endif

/* Sums that need room, in either; the accumulator is the destination. */
typedef num *acc;

static inline void acc_zero(acc *s, num *r, num_ctx *c) {
    num_sub(r, r, r, c);
    *s = r;
}

static inline void acc_addmul(acc *s, const num *x, const num *y, num_ctx *c) {
    num_fma(*s, x, y, *s, c);
}

static inline void acc_round(num *r, const acc *s, num_ctx *c) {
    num_copy(r, *s, c);
}

#include "num/sum/sum.h"
#include "num/contract.h"

#include "laws.h"

#include <fenv.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 4, NUMBERS = 32 };

static num_ctx ctx;
static bf_arithmetic a;
static num *numbers; /* 1, 1, ... */
static num *others;

static void begin(void) {
    uint8_t one[BF_MAX_BYTES];
    a = arithmetic(tested);
    must(bf_number(&a.format, "1", one, &err));
    must(ctx_init(&ctx, &a, LONGEST, &err));
    numbers = num_alloc(NUMBERS, &ctx);
    others = num_alloc(NUMBERS, &ctx);
    assert_true(numbers && others);
    for (int i = 0; i < NUMBERS; i++)
        num_fill(&numbers[i], one, &ctx);
}

static void end(void) {
    num_free(numbers, NUMBERS);
    num_free(others, NUMBERS);
    ctx_clear(&ctx);
}

static double value(const num *x) {
    uint8_t bytes[BF_MAX_BYTES];
    num_take(x, LANES - 1, bytes, &ctx);
    return bf_to_double(&a.format, bytes);
}

/* ---- temporaries -------------------------------------------------------------------------- */

/* n + (n - 1) + ... + 1, with two temporaries at every depth: n is used again after the call. */
static void triangle(num *r, const num *n, int depth) {
    TEMPORARY(less, ctx);
    TEMPORARY(rest, ctx);
    num_copy(r, n, &ctx);
    if (depth == 1)
        return;
    num_sub(less, n, &numbers[0], &ctx);
    triangle(rest, less, depth - 1);
    assert_true(value(less) == depth - 1);
    num_add(r, rest, n, &ctx);
}

static void temporaries_are_as_many_numbers(void **state) {
    (void)state;
    static const char *const texts[] = {"1", "2", "7", "15"};
    begin();
    for (size_t i = 0; i < LENGTH(texts); i++) {
        uint8_t bytes[BF_MAX_BYTES];
        must(bf_number(&a.format, texts[i], bytes, &err));
        const int n = atoi(texts[i]);
        num_fill(&others[0], bytes, &ctx);
        ctx_enter(&ctx);
        triangle(&others[1], &others[0], n);
        ctx_leave(&ctx);
        assert_true(value(&others[1]) == n * (n + 1) / 2);
    }
    end();
}

static void temporaries_are_given_back(void **state) {
    (void)state;
    begin();
    ctx_enter(&ctx);
    const num *first = NULL;
    for (int i = 0; i < 100; i++) {
        TEMPORARY(t, ctx);
        TEMPORARY(u, ctx);
        assert_ptr_not_equal(t, u);
        assert_true(i == 0 || t == first);
        first = t;
    }
    ctx_leave(&ctx);
    end();
}

/* ---- breaches ----------------------------------------------------------------------------- */

#ifdef BF_VERIFY
static uint8_t some_bytes[BF_MAX_BYTES];

static void operation_outside(void) {
    num_add(&others[0], &numbers[0], &numbers[1], &ctx);
}

static void nested(void) {
    ctx_enter(&ctx);
    ctx_enter(&ctx);
}

static void left_twice(void) {
    ctx_enter(&ctx);
    ctx_leave(&ctx);
    ctx_leave(&ctx);
}

static void cleared_inside(void) {
    ctx_enter(&ctx);
    ctx_clear(&ctx);
}

static void temporary_outlives(void) {
    ctx_enter(&ctx);
    TEMPORARY(t, ctx);
    num_copy(t, &numbers[0], &ctx);
    ctx_leave(&ctx);
}

static void lane_too_large(void) {
    num_put(&others[0], LANES, some_bytes, &ctx);
}

static void lane_negative(void) {
    num_take(&others[0], -1, some_bytes, &ctx);
}

static void thread_changed(void) {
    ctx_enter(&ctx);
#ifdef OVER_MPFR
    mpfr_set_emax(100);
#else
    fesetround(FE_UPWARD);
#endif
    num_copy(&others[0], &numbers[0], &ctx);
}

/* A number that the format does not have, as an operation that forgets to round leaves it. */
static void not_rounded(void) {
    num *const x = &numbers[0];
#ifdef OVER_MPFR
    mpfr_set_prec(x->x, 200);
    mpfr_set_prec(others[0].x, 200);
    mpfr_set_str(x->x, "0.1", 10, MPFR_RNDN);
#else
    x->v[0][0] = 0.1F;
#endif
    ctx_enter(&ctx);
    num_copy(&others[0], x, &ctx);
}

static void beyond_not_0_or_1(void) {
    uint8_t beyond[LANES];
    memset(beyond, 2, sizeof beyond);
    num_beyond(&numbers[0], &others[0], beyond);
}

static void sum_too_long(void) {
    ctx_enter(&ctx);
    sum_products(others, 1, 1, LONGEST + 1, numbers, 0, 1, numbers, 1, 1, &ctx);
}

static void sum_over_its_operand(void) {
    ctx_enter(&ctx);
    sum_products(&numbers[3], 2, 1, 4, numbers, 0, 1, others, 1, 1, &ctx);
}

static void sum_beyond_its_array(void) {
    ctx_enter(&ctx);
    sum_products(others, 1, 1, 3, &numbers[NUMBERS - 2], 0, 1, numbers, 1, 1, &ctx);
}

static const sum_index four_terms = {.n = {1, 2, 2}, .a = {0, 2, 1}, .b = {0, 2, 1}};

static void room_too_small(void) {
    num *room = num_alloc((2 + 1) * 4 + 2 * 1 - 1, &ctx);
    ctx_enter(&ctx);
    sum_over(others, 1, 2, 1, numbers, 0, &numbers[8], 0, &four_terms, room, &ctx);
}

static void room_over_an_operand(void) {
    ctx_enter(&ctx);
    sum_over(others, 1, 2, 1, numbers, 0, &numbers[8], 0, &four_terms, &numbers[11], &ctx);
}

/* Whether it ends by SIGABRT, in a process of its own, and what it said. */
static bool aborts(void (*breach)(void), char *said, size_t size) {
    int ends[2];
    assert_true(pipe(ends) == 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        begin();
        breach();
        _exit(0);
    }
    close(ends[1]);
    const ssize_t n = read(ends[0], said, size - 1);
    said[n > 0 ? n : 0] = 0;
    close(ends[0]);
    int status;
    assert_true(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void nothing(void) {}

static void a_breach_ends_the_program(void **state) {
    (void)state;
    static const struct {
        void (*breach)(void);
        const char *sentence;
    } breaches[] = {
        {operation_outside, "num_add: broken: between ctx_enter and ctx_leave"},
        {nested, "ctx_enter: broken: not nested"},
        {left_twice, "ctx_leave: broken: between ctx_enter and ctx_leave"},
        {cleared_inside, "ctx_clear: broken: not between ctx_enter and ctx_leave"},
        {temporary_outlives, "ctx_leave: broken: no TEMPORARY outlives it"},
        {lane_too_large, "num_put: broken: 0 <= lane < LANES"},
        {lane_negative, "num_take: broken: 0 <= lane < LANES"},
        {thread_changed, "num_copy: broken: the thread is as ctx_enter made it"},
        {not_rounded, "num_copy: broken: the result is a number of the format"},
        {beyond_not_0_or_1, "num_beyond: broken: bytes are 0 or 1"},
        {sum_too_long, "sum_products: broken: no more terms than ctx_init was told"},
        {sum_over_its_operand, "sum_products: broken: the result overlaps no operand"},
        {sum_beyond_its_array, "sum_products: broken: each operand lies within one array"},
        {room_too_small, "sum_over: broken: each operand lies within one array"},
        {room_over_an_operand, "sum_over: broken: the result overlaps no operand"},
    };
    char said[512];
    assert_false(aborts(nothing, said, sizeof said));
    for (size_t i = 0; i < LENGTH(breaches); i++)
        if (!aborts(breaches[i].breach, said, sizeof said) || !strstr(said, breaches[i].sentence))
            fail_msg("not found: %s (but: %s)", breaches[i].sentence, said);
}

/* What the contract does allow, next to each of them. */
static void what_is_allowed_passes(void **state) {
    (void)state;
    begin();
    num *room = num_alloc((2 + 1) * 4 + 2 * 1, &ctx);
    num_put(&others[0], LANES - 1, some_bytes, &ctx);
    ctx_enter(&ctx);
    sum_products(&others[4], 2, 1, LONGEST, numbers, 0, 1, numbers, 1, 1, &ctx);
    assert_true(value(&others[5]) == LONGEST);
    sum_products(&numbers[4], 2, 1, 4, numbers, 0, 1, numbers, 1, 1, &ctx);
    sum_over(others, 1, 2, 1, &numbers[8], 0, &numbers[16], 0, &four_terms, room, &ctx);
    assert_true(value(&others[1]) == LONGEST);
    num_add(&others[0], &others[0], &others[0], &ctx);
    ctx_leave(&ctx);
    num_free(room, (2 + 1) * 4 + 2 * 1);
    end();
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(temporaries_are_as_many_numbers),
        cmocka_unit_test(temporaries_are_given_back),
#ifdef BF_VERIFY
        cmocka_unit_test(a_breach_ends_the_program),
        cmocka_unit_test(what_is_allowed_passes),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
