/* SPDX-License-Identifier: MIT */
/* test_hash_tree.c - laws of hash trees: they say what a scan of their leaves says. */
#include "laws.h"

static void random_leaves(bf_hash *leaves, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const uint64_t bits = random_bits();
        leaves[i] = bf_hash_of(&bits, sizeof bits);
    }
}

static bf_hash_tree *tree(size_t n, const bf_hash *leaves) {
    bf_hash_tree *t;
    must(bf_hash_tree_new(&t, n, leaves, &err));
    return t;
}

static size_t log2_up(size_t n) {
    size_t l = 0;
    while (((size_t)1 << l) < n)
        l++;
    return l;
}

/* `b` has other leaves than `a` from or at `first` on (n: nowhere). */
static void check(size_t n, const bf_hash_tree *a, const bf_hash *b, size_t first) {
    bf_hash_tree *t = tree(n, b);
    size_t compared;
    assert_int_equal(bf_hash_tree_difference(a, t, &compared), first);
    assert_in_range(compared, 1, 1 + log2_up(n));
    assert_int_equal(bf_hash_tree_difference(t, a, NULL), first);
    const bf_hash ra = bf_hash_tree_root(a), rb = bf_hash_tree_root(t);
    assert_int_equal(bf_hash_equal(&ra, &rb), first == n);
    bf_hash_tree_free(t);
}

static void the_first_difference_is_found(void **state) {
    (void)state;
    for (size_t n = 0; n <= 70; n++) {
        bf_hash *a = take(n + 1, sizeof *a), *b = take(n + 1, sizeof *b);
        random_leaves(a, n);
        bf_hash_tree *t = tree(n, a);
        check(n, t, a, n);
        for (size_t i = 0; i < n; i++) {
            memcpy(b, a, n * sizeof *b);
            b[i].bytes[random_below(16)] ^= (uint8_t)(1 << random_below(8));
            check(n, t, b, i);
            for (size_t j = i + 1; j < n; j++) /* what comes after does not matter */
                b[j].bytes[random_below(16)] ^= (uint8_t)(random_bits() & 1);
            check(n, t, b, i);
        }
        bf_hash_tree_free(t);
        free(a);
        free(b);
    }
}

static void many_leaves_take_few_comparisons(void **state) {
    (void)state;
    const size_t n = 100003;
    bf_hash *a = take(n, sizeof *a);
    random_leaves(a, n);
    bf_hash_tree *t = tree(n, a);
    for (int i = 0; i < 20; i++) {
        const size_t at = i ? random_below(n) : n - 1;
        a[at].bytes[0] ^= 1;
        check(n, t, a, at);
        a[at].bytes[0] ^= 1;
    }
    bf_hash_tree_free(t);
    free(a);
}

/* The root by its definition. */
static void known_roots(void **state) {
    (void)state;
    bf_hash leaves[3], pair[2], root;
    const bf_hash none = {{0}};
    random_leaves(leaves, 3);
    for (size_t n = 0; n <= 3; n++) {
        bf_hash_tree *t = tree(n, leaves);
        root = bf_hash_tree_root(t);
        pair[0] = bf_hash_of(leaves, 2 * sizeof *leaves);
        pair[1] = leaves[2];
        const bf_hash expected[] = {none, leaves[0], pair[0], bf_hash_of(pair, sizeof pair)};
        assert_true(bf_hash_equal(&root, &expected[n]));
        bf_hash_tree_free(t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_difference_is_found),
        cmocka_unit_test(many_leaves_take_few_comparisons),
        cmocka_unit_test(known_roots),
    };
    return cmocka_run_group_tests_name("hash trees", tests, NULL, NULL);
}
