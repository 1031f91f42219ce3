/* SPDX-License-Identifier: MIT */
/* test_text.c - texts that strangers wrote, and arrays that grow. */
#include "laws.h"

/* The encoding of a code point by RFC 3629, surrogates and all, as the reference. */
static size_t utf8(char out[5], uint32_t c) {
    const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    memset(out, 0, 5);
    if (n == 1)
        out[0] = (char)c;
    for (size_t i = n; n > 1 && i-- > 0; c >>= 6)
        out[i] = (char)(i > 0 ? 0x80U | (c & 0x3f) : (0xf0U << (4 - n)) | c);
    return n;
}

static bool is_printable(uint32_t c) {
    return !(c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000) || c == 0x2028 ||
             c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff);
}

static void every_code_point(void **state) {
    (void)state;
    char text[5];
    for (uint32_t c = 1; c < 0x110000; c++) {
        const size_t n = utf8(text, c);
        assert_int_equal(bf_text_character(text, false), is_printable(c) ? n : 0);
        assert_int_equal(bf_text_character(text, true),
                         c == '\n' || c == '\t' || is_printable(c) ? n : 0);
    }
    for (uint32_t c = 0x110000; c < 0x200000; c += 0x1000) {
        utf8(text, c);
        assert_int_equal(bf_text_character(text, true), 0);
    }
    assert_int_equal(bf_text_character("", true), 0);
}

static void what_is_cut_short_or_too_long_is_none(void **state) {
    (void)state;
    static const char *const texts[] = {
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\x80",
        "\xbf",
        "\xff",
        "\xfe",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80",
        "\xf4\x90\x80\x80",
        "\xc3(",
        "\xe2(\xa1",
    };
    for (size_t i = 0; i < LENGTH(texts); i++)
        assert_int_equal(bf_text_character(texts[i], true), 0);
}

static void others_become_question_marks(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"plain", "plain", "plain"},
        {"a\nb\tc\r\x1b[31m", "a?b?c??[31m", "a\nb\tc??[31m"},
        {"\xc3\xa9\xcf\x86\xf0\x9f\x98\x80", "\xc3\xa9\xcf\x86\xf0\x9f\x98\x80",
         "\xc3\xa9\xcf\x86\xf0\x9f\x98\x80"},
        {"a\xe2\x82", "a??", "a??"},
        {"\xc2\x9b", "??", "??"},
        {"\xe2\x80\xa8x", "???x", "???x"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++)
        for (int lines = 0; lines < 2; lines++) {
            char text[32];
            strcpy(text, cases[i][0]);
            bf_text_printable(text, lines);
            assert_string_equal(text, cases[i][1 + lines]);
        }
}

/* Whatever the bytes: the length stays, every character is printable, and doing it again changes
 * nothing. */
static void any_bytes(void **state) {
    (void)state;
    for (size_t round = 0; round < scaled(20000); round++) {
        char text[17] = "", again[17];
        for (size_t i = 0; i < 16; i++)
            text[i] = (char)(random_bits() % 255 + 1);
        bf_text_printable(text, round % 2);
        assert_int_equal(strlen(text), 16);
        strcpy(again, text);
        bf_text_printable(again, round % 2);
        assert_string_equal(again, text);
        for (const char *c = text; *c; c += bf_text_character(c, round % 2))
            assert_true(bf_text_character(c, round % 2) > 0);
    }
}

static void arrays_grow(void **state) {
    (void)state;
    uint32_t *items = NULL;
    size_t room = 0, moves = 0;
    for (size_t n = 0; n < 1000; n++) {
        const size_t before = room;
        must(bf_array_grow(&items, &room, n + 1, sizeof *items, &err));
        assert_true(room > n);
        moves += room != before;
        items[n] = (uint32_t)n;
    }
    assert_true(moves <= 8);
    must(bf_array_grow(&items, &room, 5000, sizeof *items, &err));
    assert_true(room >= 5000);
    for (size_t n = 0; n < 1000; n++)
        assert_int_equal(items[n], n);
    const uint32_t *where = items;
    const size_t before = room;
    assert_int_equal(bf_array_grow(&items, &room, SIZE_MAX / 2, sizeof *items, &err), BF_EMACHINE);
    assert_ptr_equal(items, where);
    assert_int_equal(room, before);
    free(items);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(what_is_cut_short_or_too_long_is_none),
        cmocka_unit_test(others_become_question_marks),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(arrays_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
