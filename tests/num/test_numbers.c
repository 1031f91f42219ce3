/* SPDX-License-Identifier: MIT */
/* test_numbers.c - numbers and their encodings, names of arithmetics, randomness, starts, hashes:
 * known answers, and laws over every format. */
#include "laws.h"

#include <float.h>
#include <inttypes.h>

enum { TEXT = BF_MAX_PRECISION / 3 + 64 };

static uint64_t number_bits(int precision, const char *text) {
    const bf_format f = bf_format_of(precision);
    uint8_t out[8];
    must(bf_number(&f, text, out, &err));
    return load_bytes(out, f.bytes);
}

static uint64_t double_bits(double x) {
    uint64_t v;
    memcpy(&v, &x, sizeof v);
    return isnan(x) ? UINT64_C(0x7ff8000000000000) : v;
}

static uint64_t float_bits(float x) {
    uint32_t v;
    memcpy(&v, &x, sizeof v);
    return isnan(x) ? UINT32_C(0x7fc00000) : v;
}

/* ---- numbers ------------------------------------------------------------------------------ */

/* In bfloat16 and binary16, worked out by hand. */
static const struct {
    const char *text;
    uint16_t bf16, f16;
} small_answers[] = {
    {"0", 0x0000, 0x0000},
    {"-0", 0x8000, 0x8000},
    {"-0/3", 0x8000, 0x8000},
    {"1", 0x3f80, 0x3c00},
    {"+1", 0x3f80, 0x3c00},
    {"1.", 0x3f80, 0x3c00},
    {"10e-1", 0x3f80, 0x3c00},
    {"-2.5", 0xc020, 0xc100},
    {"1/3", 0x3eab, 0x3555},
    {"sqrt(1/9)", 0x3eab, 0x3555},
    {"0.1", 0x3dcd, 0x2e66},
    {".1", 0x3dcd, 0x2e66},
    {"0x.1p0", 0x3d80, 0x2c00},
    {"sqrt(2)", 0x3fb5, 0x3da8},
    {"-sqrt(2)", 0xbfb5, 0xbda8},
    {"sqrt(9/4)", 0x3fc0, 0x3e00},
    {"sqrt(0)", 0x0000, 0x0000},
    {"0x1.8p-3", 0x3e40, 0x3200},
    {"0X1.8P-3", 0x3e40, 0x3200},
    {"1e-60", 0x0000, 0x0000},
    {"-1e-60", 0x8000, 0x8000},
    {"1e60", 0x7f80, 0x7c00},
    {"inf", 0x7f80, 0x7c00},
    {"-inf", 0xff80, 0xfc00},
    {"nan", 0x7fc0, 0x7e00},
    {"-nan", 0x7fc0, 0x7e00},
    /* ties to even, and what is next to them */
    {"0x1.01p0", 0x3f80, 0x3c04},
    {"0x1.0100000000000000000000000000001p0", 0x3f81, 0x3c04},
    {"0x1.03p0", 0x3f82, 0x3c0c},
    {"0x1.02ffffffffffffffffffffffffffffp0", 0x3f81, 0x3c0c},
    {"0x1.002p0", 0x3f80, 0x3c00},
    {"0x1.0020000000000000000000000000001p0", 0x3f80, 0x3c01},
    {"0x1.006p0", 0x3f80, 0x3c02},
    {"sqrt(0x1.0201p0)", 0x3f80, 0x3c04},           /* (1 + 2^-8)^2: a root that is a tie */
    {"sqrt(0x1.00400400p0)", 0x3f80, 0x3c00},       /* (1 + 2^-11)^2 */
    {"sqrt(0x1.00c024p0)", 0x3f80, 0x3c02},         /* (1 + 3 2^-11)^2 */
    {"sqrt(0x1.02010000000001p0)", 0x3f81, 0x3c04}, /* and roots that are just above one */
    {"sqrt(0x1.00400400000001p0)", 0x3f80, 0x3c01},
    /* subnormals */
    {"0x1p-133", 0x0001, 0x0000},
    {"0x1p-134", 0x0000, 0x0000},
    {"0x1.00000001p-134", 0x0001, 0x0000},
    {"0x1.8p-133", 0x0002, 0x0000},
    {"0x1.fp-127", 0x007c, 0x0000},
    {"0x1.ffp-127", 0x0080, 0x0000},
    {"0x1p-126", 0x0080, 0x0000},
    {"0x1p-24", 0x3380, 0x0001},
    {"0x1p-25", 0x3300, 0x0000},
    {"0x1.00000001p-25", 0x3300, 0x0001},
    {"0x1.8p-24", 0x33c0, 0x0002},
    {"0x1.ffp-15", 0x3880, 0x03fe},
    {"0x1.fffp-15", 0x3880, 0x0400},
    {"sqrt(0x1p-50)", 0x3300, 0x0000},
    {"sqrt(0x1.00001p-50)", 0x3300, 0x0001},
    /* overflow */
    {"65504", 0x4780, 0x7bff},
    {"65519.999999999999999999999999999", 0x4780, 0x7bff},
    {"65520", 0x4780, 0x7c00},
    {"-65520", 0xc780, 0xfc00},
    {"0x1.fep127", 0x7f7f, 0x7c00},
    {"0x1.feffffffffffffp127", 0x7f7f, 0x7c00},
    {"0x1.ffp127", 0x7f80, 0x7c00},
};

static void numbers_have_known_small_encodings(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(small_answers); i++) {
        const uint64_t bf16 = number_bits(8, small_answers[i].text);
        const uint64_t f16 = number_bits(11, small_answers[i].text);
        if (bf16 != small_answers[i].bf16 || f16 != small_answers[i].f16)
            fail_msg("%s: %04x and %04x; expected %04x and %04x", small_answers[i].text,
                     (unsigned)bf16, (unsigned)f16, small_answers[i].bf16, small_answers[i].f16);
    }
}

static void check_against_libc(const char *text) {
    if (number_bits(53, text) != double_bits(strtod(text, NULL)) ||
        number_bits(24, text) != float_bits(strtof(text, NULL)))
        fail_msg("%s: not as strtod and strtof read it", text);
}

static void numbers_agree_with_libc(void **state) {
    (void)state;
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1",
                                        "0.1",
                                        "1e-60",
                                        "0x1.8p-3",
                                        "inf",
                                        "-inf",
                                        "nan",
                                        "1e23",
                                        "9007199254740993",
                                        "9007199254740992.9999999",
                                        "9007199254740993.0000001",
                                        "0x1.00000000000008p0",
                                        "0x1.00000000000018p0",
                                        "0x1.000001p0",
                                        "0x1.000003p0",
                                        "4.9406564584124654e-324",
                                        "2.4703282292062327e-324",
                                        "2.4703282292062328e-324",
                                        "1e-400",
                                        "0x1p-1075",
                                        "0x1.8p-1074",
                                        "0x1.fffffffffffffp-1023",
                                        "2.2250738585072011e-308",
                                        "1.7976931348623157e308",
                                        "1.797693134862315807e308",
                                        "1.797693134862315808e308",
                                        "1e400",
                                        "-1e400",
                                        "0x1.fffffffffffff7p1023",
                                        "0x1.fffffffffffff8p1023",
                                        "1.4e-45",
                                        "7e-46",
                                        "7.1e-46",
                                        "0x1p-150",
                                        "0x1.8p-149",
                                        "1.1754942e-38",
                                        "3.4028235e38",
                                        "3.4028235677973366e38",
                                        "0x1.fffffefffp127",
                                        "0x1.ffffffp127",
                                        "16777217",
                                        "16777219"};
    for (size_t i = 0; i < LENGTH(texts); i++)
        check_against_libc(texts[i]);
    for (size_t i = 0; i < scaled(20000); i++) {
        char text[128];
        const int digits = 1 + (int)random_below(20), bits = 1 + (int)random_below(4);
        if (i % 2)
            snprintf(text, sizeof text, "%s%.*se%d", i % 4 == 1 ? "-" : "", digits,
                     &"31415926535897932384"[random_below(20)], (int)random_below(700) - 370);
        else
            snprintf(text, sizeof text, "0x1.%016" PRIx64 "p%d", random_bits() >> (16 * (bits - 1)),
                     (int)random_below(2200) - 1100);
        if (strchr(text, 'x') || text[text[0] == '-'] != 'e')
            check_against_libc(text);
    }
    for (int i = 0; i < 2000; i++) { /* hardware divides and takes roots, rounding once */
        char quotient[64], root[64];
        const int a = (int)random_below(1 << 20), b = 1 + (int)random_below(1 << 20);
        snprintf(quotient, sizeof quotient, "%d/%d", a, b);
        snprintf(root, sizeof root, "sqrt(%d)", a);
        assert_true(number_bits(53, quotient) == double_bits((double)a / b));
        assert_true(number_bits(24, quotient) == float_bits((float)a / (float)b));
        assert_true(number_bits(53, root) == double_bits(sqrt(a)));
        assert_true(number_bits(24, root) == float_bits(sqrtf((float)a)));
        double same;
        must(bf_number_double(quotient, &same, &err));
        assert_true(same == (double)a / b);
    }
    assert_true(number_bits(53, "sqrt(1/9)") == double_bits(1.0 / 3));
}

/* Byte by byte, worked out by hand. */
#define TIMES8(b) b, b, b, b, b, b, b, b
#define TIMES14(b) TIMES8(b), b, b, b, b, b, b
static const struct {
    const char *format;
    const char *text;
    uint8_t bytes[24];
} encodings[] = {
    {"mpfr:2", "0", {0}},
    {"mpfr:2", "-0", {128}},
    {"mpfr:2", "inf", {2}},
    {"mpfr:2", "-inf", {130}},
    {"mpfr:2", "nan", {3}},
    {"mpfr:2", "1", {1, 1, 0, 0, 0, 0, 0, 0, 0, 2}},
    {"mpfr:2",
     "-2.5",
     {129, 2, 0, 0, 0, 0, 0, 0, 0, 2}}, /* a tie: 2 is even in two bits, 3 is odd */
    {"mpfr:2", "3", {1, 2, 0, 0, 0, 0, 0, 0, 0, 3}},
    {"mpfr:2", "3.5", {1, 3, 0, 0, 0, 0, 0, 0, 0, 2}},
    {"mpfr:2", "3/8", {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3}},
    {"mpfr:2", "0x1p-300", {1, 0xd5, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}},
    {"mpfr:113", "1", {1, 1, TIMES8(0), TIMES8(0), 0, 0, 0, 0, 0, 1}},
    {"mpfr:113", "1/3", {1, TIMES8(0xff), TIMES14(0x55), 1}},
    {"mpfr:113", "-2/3", {129, TIMES8(0), TIMES14(0x55), 1}},
    {"mpfr:113", "0x1.23456789abcdefp8", {1, 9, 0, 0, 0,    0,    0,    0,    0,    0,    0,    0,
                                          0, 0, 0, 0, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 1}},
    {"f16", "1", {0x00, 0x3c}},
    {"bf16", "-3", {0x40, 0xc0}},
    {"f32", "0x1.234566p0", {0xb3, 0xa2, 0x91, 0x3f}},
    {"f64", "0x1.23456789abcdep0", {0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0xf2, 0x3f}},
    {"tf32", "0x1.234p0", {0x00, 0xa0, 0x91, 0x3f}},
    {"tf32", "-0x3p-136", {0x00, 0x60, 0x00, 0x80}},
    {"tf32", "nan", {0x00, 0x00, 0xc0, 0x7f}},
    {"tf32", "-inf", {0x00, 0x00, 0x80, 0xff}},
    {"fp8_e4m3", "448", {0x7e}},
    {"fp8_e4m3", "464", {0x7e}}, /* a tie */
    {"fp8_e4m3", "-464.001", {0x7f}},
    {"fp8_e4m3", "-inf", {0x7f}},
    {"fp8_e4m3", "sqrt(1e9)", {0x7f}},
    {"fp8_e4m3", "0x1p-6", {0x08}},
    {"fp8_e4m3", "-0x7p-9", {0x87}},
    {"fp8_e4m3", "0x1p-10", {0x00}},
    {"fp8_e4m3", "1e-8", {0x00}},
    {"fp8_e5m2", "57344", {0x7b}},
    {"fp8_e5m2", "-61440", {0xfc}},
    {"fp8_e5m2", "nan", {0x7e}},
    {"fp8_e5m2", "0x1p-14", {0x04}},
    {"fp8_e5m2", "0x1p-16", {0x01}},
};

static void encodings_are_as_documented(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(encodings); i++) {
        const bf_format f = format_named(encodings[i].format);
        uint8_t out[24] = {0};
        must(bf_number(&f, encodings[i].text, out, &err));
        if (memcmp(out, encodings[i].bytes, f.bytes) != 0)
            fail_msg("%s in %s is not encoded as documented", encodings[i].text, f.name);
    }
}

/* MPFR's own reading, at precisions without hardware. */
static void numbers_agree_with_mpfr(void **state) {
    (void)state;
    static const char *const texts[] = {
        "0.1",      "1e-60",    "3.14159265358979323846264338327950288",
        "-1e20000", "1e-20000", "123456789e-7"};
    static const int precisions[] = {2, 3, 9, 52, 54, 64, 113, 256, 1024};
    for (size_t p = 0; p < LENGTH(precisions); p++)
        for (size_t i = 0; i < LENGTH(texts); i++) {
            const bf_format f = bf_format_of(precisions[p]);
            uint8_t ours[BF_MAX_BYTES], theirs[BF_MAX_BYTES];
            mpfr_t x;
            mpfr_init2(x, f.precision);
            mpfr_strtofr(x, texts[i], NULL, 10, MPFR_RNDN);
            encode(&f, x, theirs);
            must(bf_number(&f, texts[i], ours, &err));
            assert_memory_equal(ours, theirs, f.bytes);
            mpfr_clear(x);
        }
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        " ",
                                        "+",
                                        "-",
                                        ".",
                                        "e5",
                                        "1e",
                                        "1e+",
                                        "1e-",
                                        "0x",
                                        "0x.",
                                        "0x1p",

                                        "p1",
                                        "1/0",
                                        "1/",
                                        "/2",
                                        "1/0x0",
                                        "1/-2",
                                        "1/2/3",
                                        "sqrt",
                                        "sqrt(",
                                        "sqrt()",
                                        "sqrt(2",
                                        "sqrt(2))",
                                        "sqrt(-1)",
                                        "sqrt(sqrt(2))",
                                        "sqrt(1/0)",
                                        "sqrt(inf)",
                                        "sqrt(2)/2",
                                        "1/sqrt(2)",
                                        "--1",
                                        "+-1",
                                        "1e999999999",
                                        "1e-999999999",
                                        "1e99999999999999999999999999999",
                                        " 1",
                                        "1 ",
                                        "1\n",
                                        "\t1",
                                        "1,5",
                                        "1.2.3",
                                        "1e1.5",
                                        "infinity",
                                        "Inf",
                                        "NaN",
                                        "nan(1)",
                                        "1f",
                                        "one",
                                        "1_000",
                                        "0b1",
                                        "1+1",
                                        "1e5e5",
                                        "0x1p1p1",
                                        "\xc2\xbd"};
    const bf_format f = bf_format_of(53);
    uint8_t out[8];
    double x;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        if (bf_number(&f, texts[i], out, &err) != BF_EINPUT ||
            bf_number_double(texts[i], &x, &err) != BF_EINPUT || err.status != BF_EINPUT)
            fail_msg("'%s' was taken for a number", texts[i]);
        assert_null(strpbrk(err.text, "\n\t")); /* one line */
    }
    enum { LONG = 1 << 20 };
    char *text = take(LONG + 1, 1);
    memset(text, '7', LONG);
    assert_int_equal(bf_number(&f, text, out, &err), BF_EINPUT);
    assert_int_equal(bf_number(&f, text, out, NULL), BF_EINPUT);
    free(text);
}

/* ---- there and back ----------------------------------------------------------------------- */

/* The kinds of all formats: those of hardware, and the smallest and odd ones. */
static const char *const formats[] = {"fp8_e4m3", "fp8_e5m2", "bf16",     "f16",      "tf32",
                                      "f32",      "f64",      "mpfr:2",   "mpfr:3",   "mpfr:4",
                                      "mpfr:5",   "mpfr:7",   "mpfr:9",   "mpfr:10",  "mpfr:63",
                                      "mpfr:64",  "mpfr:65",  "mpfr:113", "mpfr:256", "mpfr:1000"};

static void check_round_trip(const bf_format *f, const uint8_t *value) {
    char text[TEXT];
    uint8_t back[BF_MAX_BYTES];
    size_t (*const writers[])(const bf_format *, const uint8_t *, char *, size_t) = {bf_to_hex,
                                                                                     bf_to_decimal};
    const size_t rooms[] = {(size_t)f->precision / 4 + 32, (size_t)f->precision / 3 + 40};
    mpfr_t x;
    mpfr_init2(x, f->precision);
    decode(f, value, x);
    const double d = bf_to_double(f, value), expected = mpfr_get_d(x, MPFR_RNDN);
    assert_true(double_bits(d) == double_bits(expected));
    assert_int_equal(bf_is_finite(f, value), mpfr_number_p(x));
    for (size_t w = 0; w < LENGTH(writers); w++) {
        const size_t length = writers[w](f, value, text, rooms[w]);
        assert_int_equal(length, strlen(text));
        must(bf_number(f, text, back, &err));
        const bool nan = mpfr_nan_p(x);
        if (nan)
            assert_string_equal(text, "nan");
        else if (memcmp(back, value, f->bytes) != 0)
            fail_msg("%s: %s reads back as another number", f->name, text);
    }
    mpfr_clear(x);
}

/* A random encoded value: small and large exponents, short and full significands. */
static void random_value(const bf_format *f, uint8_t *out) {
    for (size_t i = 0; i < f->bytes; i++)
        out[i] = (uint8_t)random_bits();
    if (f->ieee) {
        if (random_below(4) == 0) /* a subnormal number, or zero */
            save_bytes(out, f->bytes, load_bytes(out, f->bytes) >> random_below(f->bytes * 8 - 1));
        save_bytes(out, f->bytes, load_bytes(out, f->bytes) >> f->spare << f->spare);
        return;
    }
    const unsigned kind = random_below(16) ? 1 : (unsigned)random_below(4);
    const int top = (f->precision - 1) % 8; /* the leading bit, in the last byte */
    out[0] = (uint8_t)(kind | (kind == 3 || random_below(2) ? 0 : 128));
    save_bytes(out + 1, 8, kind == 1 ? (uint64_t)random_below(2000) - 1000 : 0);
    if (kind != 1)
        memset(out + 9, 0, f->bytes - 9);
    else
        out[f->bytes - 1] = (uint8_t)((out[f->bytes - 1] & ((1 << top) - 1)) | 1 << top);
    if (kind == 1 && f->precision > 16 && random_below(2))
        memset(out + 9, 0, random_below(f->bytes - 10));
}

static void texts_read_back_as_the_same_value(void **state) {
    (void)state;
    for (size_t p = 0; p < LENGTH(formats); p++) {
        const bf_format f = format_named(formats[p]);
        uint8_t value[BF_MAX_BYTES];
        const uint64_t all = f.bytes > 2 ? 0 : UINT64_C(1) << 8 * f.bytes;
        for (uint64_t i = 0; i < all; i += getenv("BITFATE_TEST_QUICK") ? 7 : 1) {
            save_bytes(value, f.bytes, i); /* every one */
            check_round_trip(&f, value);
        }
        for (size_t i = 0; i < scaled(4000); i++) {
            random_value(&f, value);
            check_round_trip(&f, value);
        }
        bf_largest(&f, value);
        if (f.ieee)
            check_round_trip(&f, value);
    }
}

static void texts_are_canonical(void **state) {
    (void)state;
    static const struct {
        const char *format, *text, *hex, *decimal;
    } cases[] = {
        {"f64", "1", "0x1p+0", NULL},
        {"f64", "0", "0x0p+0", "0"},
        {"f64", "-0", "-0x0p+0", "-0"},
        {"f64", "-inf", "-inf", "-inf"},
        {"f64", "-nan", "nan", "nan"},
        {"f64", "0.1", "0x1.999999999999ap-4", NULL},
        {"f64", "-24", "-0x1.8p+4", NULL},
        {"f64", "0x1p-1074", "0x1p-1074", NULL},
        {"f64", "0x3p-1074", "0x1.8p-1073", NULL},
        {"f32", "0x1.fffffep127", "0x1.fffffep+127", NULL},
        {"f32", "0x1p-149", "0x1p-149", NULL},
        {"f16", "65504", "0x1.ffcp+15", NULL},
        {"tf32", "0x3p-136", "0x1.8p-135", NULL},
        {"fp8_e4m3", "448", "0x1.cp+8", NULL},
        {"fp8_e4m3", "0x1p-9", "0x1p-9", NULL},
        {"fp8_e4m3", "inf", "nan", "nan"},
        {"fp8_e5m2", "-inf", "-inf", "-inf"},
        {"fp8_e5m2", "0x3p-16", "0x1.8p-15", NULL},
        {"bf16", "0x1.fep0", "0x1.fep+0", NULL},
        {"mpfr:2", "3", "0x1.8p+1", NULL},
        {"mpfr:3", "7", "0x1.cp+2", NULL},
        {"mpfr:5", "31", "0x1.fp+4", NULL},
        {"mpfr:6", "63", "0x1.f8p+5", NULL},
        {"mpfr:113", "1/3", "0x1.5555555555555555555555555555p-2", NULL},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const bf_format f = format_named(cases[i].format);
        uint8_t value[BF_MAX_BYTES];
        char text[TEXT];
        must(bf_number(&f, cases[i].text, value, &err));
        bf_to_hex(&f, value, text, sizeof text);
        assert_string_equal(text, cases[i].hex);
        bf_to_decimal(&f, value, text, sizeof text);
        if (cases[i].decimal)
            assert_string_equal(text, cases[i].decimal);
    }
}

static void the_largest_number_is_known(void **state) {
    (void)state;
    static const struct {
        const char *format;
        uint64_t bits;
    } known[] = {
        {"bf16", 0x7f7f},     {"f16", 0x7bff},    {"f32", 0x7f7fffff}, {"f64", 0x7fefffffffffffff},
        {"tf32", 0x7f7fe000}, {"fp8_e4m3", 0x7e}, {"fp8_e5m2", 0x7b}};
    uint8_t value[BF_MAX_BYTES];
    for (size_t i = 0; i < LENGTH(known); i++) {
        const bf_format f = format_named(known[i].format);
        bf_largest(&f, value);
        assert_true(load_bytes(value, f.bytes) == known[i].bits);
    }
    const bf_format f = bf_format_of(113);
    const uint8_t expected[24] = {1, 0xff, 0xff, 0xff, 0x3f, 0, 0, 0, 0, TIMES14(0xff), 1};
    bf_largest(&f, value);
    assert_memory_equal(value, expected, sizeof expected);
}

/* What each format is, by the letter of doc/numerics.md. */
static void formats_are_found_by_name(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int precision;
        size_t bytes;
        const char *smallest, *largest, *wide;
        bool infinity;
    } known[] = {
        {"f64", 53, 8, "0x1p-1074", "0x1.fffffffffffffp+1023", NULL, true},
        {"f32", 24, 4, "0x1p-149", "0x1.fffffep+127", "f64", true},
        {"tf32", 11, 4, "0x1p-136", "0x1.ffcp+127", "f32", true},
        {"bf16", 8, 2, "0x1p-133", "0x1.fep+127", "f32", true},
        {"f16", 11, 2, "0x1p-24", "0x1.ffcp+15", "f32", true},
        {"fp8_e5m2", 3, 1, "0x1p-16", "0x1.cp+15", "f32", true},
        {"fp8_e4m3", 4, 1, "0x1p-9", "0x1.cp+8", "f32", false},
    };
    for (size_t i = 0; i < LENGTH(known); i++) {
        const bf_format f = format_named(known[i].name);
        assert_true(bf_format_same(bf_format_list(i), &f));
        assert_int_equal(f.precision, known[i].precision);
        assert_int_equal(f.bytes, known[i].bytes);
        assert_int_equal(f.has_infinity, known[i].infinity);
        assert_true(known[i].wide ? strcmp(f.wide, known[i].wide) == 0 : !f.wide);
        char text[64];
        uint8_t value[8] = {0}, zero[8] = {0};
        bf_largest(&f, value);
        bf_to_hex(&f, value, text, sizeof text);
        assert_string_equal(text, known[i].largest);
        must(bf_number(&f, known[i].smallest, value, &err));
        assert_true(bf_ulps(&f, value, zero) == 1);
    }
    assert_null(bf_format_list(LENGTH(known)));
    static const char *const none[] = {
        "", "F32", "f33", "mpfr", "mpfr:", "mpfr:1", "mpfr:24", "mpfr:16385", "mpfr:07", "mpfr:9 "};
    bf_format f;
    for (size_t i = 0; i < LENGTH(none); i++)
        assert_false(bf_format_find(&f, none[i]));
    for (int p = 2; p < 200; p++) { /* a precision alone is a format under MPFR */
        const bf_format of = bf_format_of(p);
        assert_int_equal(of.precision, p);
        f = format_named(of.name);
        assert_true(bf_format_same(&f, &of) && f.bytes == of.bytes && f.emin == of.emin);
    }
}

/* Every number of the small formats, upwards: each is above the one before, one unit away. */
static void numbers_follow_one_another(void **state) {
    (void)state;
    for (size_t i = 0; bf_format_list(i); i++) {
        const bf_format *f = bf_format_list(i);
        if (f->precision > 11)
            continue;
        const uint64_t step = UINT64_C(1) << f->spare;
        uint8_t a[4], b[4];
        save_bytes(a, f->bytes, 0);
        for (uint64_t v = step; bf_is_finite(f, a); v += step, memcpy(a, b, sizeof a)) {
            save_bytes(b, f->bytes, v);
            if (!bf_is_finite(f, b) && !f->has_infinity)
                break;
            assert_true(bf_to_double(f, a) < bf_to_double(f, b));
            assert_true(bf_ulps(f, a, b) == 1);
        }
        bf_largest(f, b);
        assert_true(!f->has_infinity ? memcmp(a, b, f->bytes) == 0 : isinf(bf_to_double(f, a)));
    }
}

/* ---- units in the last place -------------------------------------------------------------- */

static double ulps_double(double a, double b) {
    const bf_format f = bf_format_of(53);
    uint8_t x[8], y[8];
    save_bytes(x, 8, double_bits(a));
    save_bytes(y, 8, double_bits(b));
    const double d = bf_ulps(&f, x, y);
    assert_true(d == bf_ulps(&f, y, x));
    return d;
}

static void ulps_count_steps(void **state) {
    (void)state;
    assert_true(ulps_double(0, -0.0) == 0);
    assert_true(ulps_double(0x1p-1074, -0x1p-1074) == 2);
    assert_true(ulps_double(DBL_MAX, INFINITY) == 1);
    assert_true(ulps_double(-DBL_MAX, -INFINITY) == 1);
    assert_true(ulps_double(1, 2) == 0x1p52);
    assert_true(ulps_double(1, nextafter(1, 0)) == 1); /* across a binade */
    assert_true(ulps_double(0x1p-1022, nextafter(0x1p-1022, 0)) == 1);
    assert_true(ulps_double(NAN, NAN) == 0);
    assert_true(isinf(ulps_double(NAN, 1)) && isinf(ulps_double(INFINITY, NAN)));
    assert_true(ulps_double(-INFINITY, INFINITY) == 0x1.ffcp63); /* 2 (0x7ff << 52), exact */
    for (size_t i = 0; i < 10000; i++) {
        double x;
        const uint64_t bits = random_bits();
        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x))
            continue;
        assert_true(ulps_double(x, x) == 0);
        assert_true(ulps_double(x, nextafter(x, INFINITY)) == 1);
        assert_true(ulps_double(x, nextafter(nextafter(x, -INFINITY), -INFINITY)) == 2 ||
                    !isfinite(nextafter(x, -INFINITY)));
    }
}

static void ulps_add_up(void **state) {
    (void)state;
    static const char *const small[] = {
        "mpfr:2", "mpfr:5", "bf16",     "f16",     "mpfr:20",
        "f32",    "tf32",   "fp8_e4m3", "fp8_e5m2"}; /* whose distances a double holds exactly */
    for (size_t p = 0; p < LENGTH(small); p++) {
        const bf_format f = format_named(small[p]);
        for (size_t i = 0; i < scaled(4000); i++) {
            uint8_t v[3][BF_MAX_BYTES];
            mpfr_t x[3];
            size_t order[3] = {0, 1, 2};
            bool nan = false;
            for (size_t k = 0; k < 3; k++) {
                random_value(&f, v[k]);
                mpfr_init2(x[k], 64);
                decode(&f, v[k], x[k]);
                nan |= mpfr_nan_p(x[k]) || (!f.ieee && mpfr_inf_p(x[k]));
            }
            for (int k = 0; k < 3 && !nan; k++) { /* three numbers, sorted */
                const size_t s = (size_t)k % 2, o = order[s];
                if (mpfr_greater_p(x[o], x[order[s + 1]])) {
                    order[s] = order[s + 1];
                    order[s + 1] = o;
                }
            }
            const double ab = bf_ulps(&f, v[order[0]], v[order[1]]);
            const double bc = bf_ulps(&f, v[order[1]], v[order[2]]);
            if (!nan && ab + bc != bf_ulps(&f, v[order[0]], v[order[2]]))
                fail_msg("%s: distances do not add up", f.name);
            mpfr_clears(x[0], x[1], x[2], (mpfr_ptr)0);
        }
    }
}

/* The number next above, by MPFR. */
static void ulps_between_neighbours_are_one(void **state) {
    (void)state;
    static const int wide[] = {2, 3, 64, 113, 256, 1000};
    for (size_t p = 0; p < LENGTH(wide); p++) {
        const bf_format f = bf_format_of(wide[p]);
        uint8_t a[BF_MAX_BYTES], b[BF_MAX_BYTES];
        mpfr_t x;
        mpfr_init2(x, f.precision);
        for (size_t i = 0; i < 1000; i++) {
            random_value(&f, a);
            decode(&f, a, x);
            if (!mpfr_regular_p(x))
                continue;
            if (i % 4 == 0) /* at the foot of a binade */
                mpfr_set_ui_2exp(x, 1, (mpfr_exp_t)i - 500, MPFR_RNDN);
            encode(&f, x, a);
            i % 2 ? mpfr_nextabove(x) : mpfr_nextbelow(x);
            encode(&f, x, b);
            assert_true(bf_ulps(&f, a, b) == 1 && bf_ulps(&f, b, a) == 1);
        }
        mpfr_clear(x);
        const uint8_t zero[BF_MAX_BYTES] = {0}, infinity[BF_MAX_BYTES] = {2};
        memset(a, 0, sizeof a); /* the least number: exponent emin, significand 100..0 */
        a[0] = 1;
        save_bytes(a + 1, 8, (uint64_t)f.emin);
        a[f.bytes - 1] = (uint8_t)(1 << (f.precision - 1) % 8);
        assert_true(bf_ulps(&f, a, zero) == 1);
        memcpy(b, a, f.bytes);
        flip_sign(&f, b);
        assert_true(bf_ulps(&f, a, b) == 2);
        bf_largest(&f, a);
        assert_true(bf_ulps(&f, a, infinity) == 1);
    }
}

/* ---- randomness --------------------------------------------------------------------------- */

static void philox_gives_known_answers(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        /* Random123's kat_vectors */
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < LENGTH(known); i++) {
        uint32_t out[4];
        bf_philox(known[i].counter, known[i].key, out);
        assert_memory_equal(out, known[i].out, sizeof out);
    }
    assert_true(bf_random(0, 0, 0, 0, 0) == UINT64_C(0xe169c58d6627e8d5));
}

/* Every coordinate of a draw matters. */
static void draws_are_kept_apart(void **state) {
    (void)state;
    const uint64_t draws[] = {
        bf_random(1, 1, 1, 1, 1),
        bf_random(2, 1, 1, 1, 1),
        bf_random(UINT64_C(1) << 32 | 1, 1, 1, 1, 1),
        bf_random(1, 2, 1, 1, 1),
        bf_random(1, 1, 2, 1, 1),
        bf_random(1, 1, UINT64_C(1) << 32 | 1, 1, 1),
        bf_random(1, 1, 1, 2, 1),
        bf_random(1, 1, 1, 1, 2),
    };
    for (size_t i = 0; i < LENGTH(draws); i++)
        for (size_t j = 0; j < i; j++)
            assert_true(draws[i] != draws[j]);
}

/* ---- perturbations ------------------------------------------------------------------------ */

static void perturbations_stay_within_the_cube(void **state) {
    (void)state;
    enum { N = 8 };
    static const struct {
        int precision;
        const char *start, *eps;
    } cases[] = {
        /* starts whose neighbours are as far above as below */
        {8, "3/2", "1/8"},   {11, "0", "1e-3"},      {24, "3/2", "1e-6"},   {53, "3/2", "1e-15"},
        {53, "0", "1e-310"}, {113, "3/2", "1e-33"},  {256, "3/2", "1e-60"}, {256, "-3", "1e-70"},
        {2, "3/2", "1/2"},   {24, "1e-40", "1e-44"}, {64, "0", "1e-3000"},
    };
    for (size_t c = 0; c < LENGTH(cases); c++) {
        const bf_format f = bf_format_of(cases[c].precision);
        uint8_t start[BF_MAX_BYTES], eps[BF_MAX_BYTES], theta[N * BF_MAX_BYTES];
        mpfr_t x, from, e, d, half_ulp;
        mpfr_inits2(2048, x, from, e, d, half_ulp, (mpfr_ptr)0);
        must(bf_number(&f, cases[c].start, start, &err));
        must(bf_number(&f, cases[c].eps, eps, &err));
        decode(&f, start, from);
        decode(&f, eps, e);
        size_t changed = 0, above = 0;
        const size_t trials = scaled(400);
        for (size_t t = 0; t < trials; t++) {
            bool moved, any = false;
            for (size_t i = 0; i < N; i++)
                memcpy(theta + i * f.bytes, start, f.bytes);
            must(bf_perturb_cube(&f, N, theta, cases[c].eps, 5, t, &moved, &err));
            for (size_t i = 0; i < N; i++) {
                const uint8_t *value = theta + i * f.bytes;
                const bool differs = memcmp(value, start, f.bytes) != 0;
                any |= differs;
                changed += differs;
                decode(&f, value, x);
                above += mpfr_greater_p(x, from) != 0;
                mpfr_sub(d, x, from, MPFR_RNDN);
                mpfr_abs(d, d, MPFR_RNDN);
                mpfr_sub(d, d, e, MPFR_RNDN); /* beyond eps by rounding: half an ulp at most */
                mpfr_set_ui_2exp(half_ulp, 1, mpfr_get_exp(x) - f.precision - 1, MPFR_RNDN);
                assert_true(mpfr_sgn(d) <= 0 || mpfr_lessequal_p(d, half_ulp));
            }
            assert_int_equal(moved, any);
        }
        assert_true(changed > trials * N / 4);
        /* As many up as down, within six standard deviations of coin tosses. */
        const double sigma = sqrt((double)changed) / 2;
        assert_true(fabs((double)above - (double)changed / 2) < 6 * sigma);
        mpfr_clears(x, from, e, d, half_ulp, (mpfr_ptr)0);
    }
}

static void a_perturbation_below_the_last_bit_moves_nothing(void **state) {
    (void)state;
    static const struct {
        int precision;
        bool moves;
    } cases[] = {{8, false},   {11, false},  {24, false}, {53, false},
                 {113, false}, {190, false}, {256, true}, {1024, true}};
    for (size_t c = 0; c < LENGTH(cases); c++) {
        const bf_format f = bf_format_of(cases[c].precision);
        uint8_t theta[4 * BF_MAX_BYTES], before[4 * BF_MAX_BYTES];
        must(bf_start_planes(&f, theta, "1", 1, c, &err));
        memcpy(before, theta, sizeof before);
        bool moved = !cases[c].moves;
        must(bf_perturb_cube(&f, 4, theta, "1e-60", 1, 0, &moved, &err));
        assert_int_equal(moved, cases[c].moves);
        assert_int_equal(memcmp(theta, before, 4 * f.bytes) != 0, cases[c].moves);
        must(bf_perturb_cube(&f, 4, theta, "1e-60", 1, 0, NULL, &err));
    }
}

/* Mean 0 and variance eps^2 / 3, of a fixed seed; and a draw does not depend on its company. */
static void perturbations_are_uniform(void **state) {
    (void)state;
    enum { N = 20000, BINS = 16 };
    const bf_format f = bf_format_of(53);
    uint8_t *theta = take(N, 8), one[8] = {0};
    double sum = 0, squares = 0, chi2 = 0;
    size_t bins[BINS] = {0};
    must(bf_perturb_cube(&f, N, theta, "1e-3", 11, 4, NULL, &err));
    for (size_t i = 0; i < N; i++) {
        const double u = bf_to_double(&f, theta + 8 * i) / 1e-3;
        assert_true(fabs(u) <= 1);
        sum += u;
        squares += u * u;
        bins[(size_t)fmin((u + 1) / 2 * BINS, BINS - 1)]++;
    }
    for (size_t b = 0; b < BINS; b++)
        chi2 += pow((double)bins[b] - (double)N / BINS, 2) / ((double)N / BINS);
    assert_true(fabs(sum / N) < 0.02 && fabs(squares / N - 1.0 / 3) < 0.02);
    assert_true(chi2 < 45); /* 15 degrees of freedom */
    must(bf_perturb_cube(&f, 1, one, "1e-3", 11, 4, NULL, &err));
    assert_memory_equal(one, theta, 8);
    memset(one, 0, 8);
    must(bf_perturb_cube(&f, 1, one, "1e-3", 11, 5, NULL, &err));
    assert_memory_not_equal(one, theta, 8);
    free(theta);
}

/* The same perturbation at every precision, except for the bits that it lacks. */
static void precisions_share_the_leading_bits(void **state) {
    (void)state;
    static const int pairs[][2] = {{113, 256}, {24, 53}, {53, 113}, {256, 2048}, {8, 11}};
    for (size_t p = 0; p < LENGTH(pairs); p++)
        for (size_t trial = 0; trial < 50; trial++) {
            const bf_format less = bf_format_of(pairs[p][0]), more = bf_format_of(pairs[p][1]);
            uint8_t a[4 * BF_MAX_BYTES] = {0}, b[4 * BF_MAX_BYTES] = {0};
            mpfr_t x, y;
            mpfr_inits2(BF_MAX_PRECISION, x, y, (mpfr_ptr)0);
            must(bf_perturb_cube(&less, 4, a, "1", 2, trial, NULL, &err));
            must(bf_perturb_cube(&more, 4, b, "1", 2, trial, NULL, &err));
            for (size_t i = 0; i < 4; i++) {
                decode(&less, a + i * less.bytes, x);
                decode(&more, b + i * more.bytes, y);
                mpfr_sub(x, x, y, MPFR_RNDN);
                assert_true(mpfr_zero_p(x) || mpfr_get_exp(x) <= mpfr_get_exp(y) - less.precision);
                /* and it has all the bits that the precision can hold */
                assert_true(!mpfr_zero_p(x) || more.precision - less.precision < 20);
            }
            mpfr_clears(x, y, (mpfr_ptr)0);
        }
}

/* ---- starts ------------------------------------------------------------------------------- */

enum { VERY_WIDE = 1024 };

/* A start does not depend on the format: it is one real vector, rounded. */
static void check_rounded_once(int precision, const uint8_t *start, const uint8_t *wide, size_t n,
                               const char *what) {
    const bf_format f = bf_format_of(precision), very_wide = bf_format_of(VERY_WIDE);
    uint8_t rounded[BF_MAX_BYTES];
    mpfr_t x;
    mpfr_init2(x, VERY_WIDE);
    for (size_t i = 0; i < n; i++) {
        decode(&very_wide, wide + i * very_wide.bytes, x);
        encode(&f, x, rounded);
        if (memcmp(rounded, start + i * f.bytes, f.bytes) != 0)
            fail_msg("%s: in %d bits, number %zu is another", what, precision, i);
    }
    mpfr_clear(x);
}

static void starts_are_the_same_at_every_precision(void **state) {
    (void)state;
    static const int others[] = {2, 24, 53, 113, 256};
    static const struct {
        const char *low, *high; /* high NULL: distance from the planes */
    } kinds[] = {{"1", NULL},         {"sqrt(2)", NULL}, {"1e-3", NULL},
                 {"1e-42", NULL},     {"-1", "1"},       {"1/3", "2/3"},
                 {"-1e-42", "1e-42"}, {"0", "sqrt(2)"},  {"1e-310", NULL}};
    const bf_format wide = bf_format_of(VERY_WIDE);
    for (size_t k = 0; k < LENGTH(kinds); k++)
        for (size_t trial = 0; trial < scaled(200); trial++) {
            uint8_t reference[4 * BF_MAX_BYTES], theta[4 * BF_MAX_BYTES];
            for (size_t p = 0; p <= LENGTH(others); p++) {
                const bf_format f = p ? bf_format_of(others[p - 1]) : wide;
                uint8_t *out = p ? theta : reference;
                if (kinds[k].high)
                    must(bf_start_uniform(&f, 4, out, kinds[k].low, kinds[k].high, 1, trial, &err));
                else
                    must(bf_start_planes(&f, out, kinds[k].low, 1, trial, &err));
                if (p)
                    check_rounded_once(f.precision, theta, reference, 4, kinds[k].low);
            }
        }
}

/* Between a number and itself there is only that number, whatever the precision. */
static void uniform_starts_know_their_bounds(void **state) {
    (void)state;
    static const char *const bounds[] = {"1/3", "-sqrt(2)", "0x1p-140", "1e-310", "0"};
    static const int wide[] = {8, 24, 53, 113, 1024, BF_MAX_PRECISION};
    for (size_t b = 0; b < LENGTH(bounds); b++)
        for (size_t p = 0; p < LENGTH(wide); p++) {
            const bf_format f = bf_format_of(wide[p]);
            uint8_t start[BF_MAX_BYTES], number[BF_MAX_BYTES];
            must(bf_start_uniform(&f, 1, start, bounds[b], bounds[b], 1, p, &err));
            must(bf_number(&f, bounds[b], number, &err));
            assert_memory_equal(start, number, f.bytes);
        }
}

static void uniform_starts_stay_within(void **state) {
    (void)state;
    enum { N = 2000, BINS = 10 };
    const bf_format f = bf_format_of(53);
    uint8_t *theta = take(N, 8);
    size_t bins[BINS] = {0};
    must(bf_start_uniform(&f, N, theta, "-2", "3", 1, 0, &err));
    for (size_t i = 0; i < N; i++) {
        const double x = bf_to_double(&f, theta + 8 * i);
        assert_true(x >= -2 && x <= 3);
        bins[(size_t)fmin((x + 2) / 5 * BINS, BINS - 1)]++;
    }
    double chi2 = 0;
    for (size_t b = 0; b < BINS; b++)
        chi2 += pow((double)bins[b] - (double)N / BINS, 2) / ((double)N / BINS);
    assert_true(chi2 < 35); /* 9 degrees of freedom */
    free(theta);
}

/* (a[0] + s a[1], a[2] + s a[3]): the distance to a plane, and the angle across it in turns. */
static double distance_and_angle(mpfr_t a[4], int s, mpfr_t distance) {
    mpfr_t x, y;
    mpfr_inits2(512, x, y, (mpfr_ptr)0);
    (s < 0 ? mpfr_sub : mpfr_add)(x, a[0], a[1], MPFR_RNDN);
    (s < 0 ? mpfr_sub : mpfr_add)(y, a[2], a[3], MPFR_RNDN);
    mpfr_hypot(distance, x, y, MPFR_RNDN);
    const double angle = atan2(mpfr_get_d(y, MPFR_RNDN), mpfr_get_d(x, MPFR_RNDN)) / (2 * acos(-1));
    mpfr_clears(x, y, (mpfr_ptr)0);
    return angle < 0 ? angle + 1 : angle;
}

static void planes_starts_are_at_the_distance(void **state) {
    (void)state;
    enum { N = 4096, BINS = 16 };
    const bf_format f = bf_format_of(113);
    size_t bins[2][BINS] = {{0}};
    mpfr_t a[4], d;
    mpfr_init2(d, 512);
    for (size_t i = 0; i < 4; i++)
        mpfr_init2(a[i], 512);
    for (size_t trial = 0; trial < N; trial++) {
        uint8_t theta[4 * 24];
        must(bf_start_planes(&f, theta, trial % 2 ? "1" : "5/2", 9, trial, &err));
        for (size_t i = 0; i < 4; i++)
            decode(&f, theta + 24 * i, a[i]);
        for (int s = 0; s < 2; s++) {
            const double angle = distance_and_angle(a, s ? 1 : -1, d);
            bins[s][(size_t)fmin(angle * BINS, BINS - 1)]++;
            mpfr_sub_d(d, d, trial % 2 ? 1 : 2.5, MPFR_RNDN);
            assert_true(fabs(mpfr_get_d(d, MPFR_RNDN)) < 0x1p-109); /* a few ulps */
        }
    }
    for (int s = 0; s < 2; s++) {
        double chi2 = 0;
        for (size_t b = 0; b < BINS; b++)
            chi2 += pow((double)bins[s][b] - (double)N / BINS, 2) / ((double)N / BINS);
        assert_true(chi2 < 45); /* 15 degrees of freedom */
    }
    for (size_t i = 0; i < 4; i++)
        mpfr_clear(a[i]);
    mpfr_clear(d);
}

/* ---- hashes ------------------------------------------------------------------------------- */

static void hashes_give_known_answers(void **state) {
    (void)state;
    static const struct {
        const char *bytes, *hash;
    } known[] = {{"", "99aa06d3014798d86001c324468d497f"},
                 {"a", "a96faf705af16834e6c632b61e964e1f"},
                 {"abc", "06b05ab6733a618578af5f94892f3950"}};
    for (size_t i = 0; i < LENGTH(known); i++) {
        const bf_hash h = bf_hash_of(known[i].bytes, strlen(known[i].bytes));
        char text[33];
        bf_hash back;
        bf_hash_text(&h, text);
        assert_string_equal(text, known[i].hash);
        assert_true(bf_hash_parse(text, &back) && bf_hash_equal(&h, &back));
        for (size_t j = 0; j < 32; j++) { /* every digit counts, and is one */
            const char was = text[j];
            text[j] = was == '0' ? '1' : '0';
            assert_true(bf_hash_parse(text, &back) && !bf_hash_equal(&h, &back));
            text[j] = 'g';
            assert_false(bf_hash_parse(text, &back));
            text[j] = '\0';
            assert_false(bf_hash_parse(text, &back));
            text[j] = was;
        }
    }
    bf_hash h;
    assert_false(bf_hash_parse("99aa06d3014798d86001c324468d497f0", &h));
    assert_false(bf_hash_parse("99AA06D3014798D86001C324468D497F", &h));
}

/* ---- names of arithmetics ----------------------------------------------------------------- */

static const struct {
    const char *name, *canonical; /* NULL: refused */
    int precision;
    bool strict;
} names[] = {
    {"f32", "f32", 24, true},
    {"f64", "f64", 53, true},
    {"f32/exact", "f32/exact", 24, true},
    {"f64/exact", "f64/exact", 53, true},
    {"mpfr:2", "mpfr:2", 2, true},
    {"mpfr:0113", "mpfr:113", 113, true},
    {"mpfr:16384", "mpfr:16384", 16384, true},
    {"mpfr:256/exact", "mpfr:256/exact", 256, true},
    {"bf16", "bf16", 8, true},
    {"f16", "f16", 11, true},
    {"bf16/exact", "bf16/exact", 8, true},
    {"f16/exact", "f16/exact", 11, true},
    {"f32/shuffle:0", "f32/shuffle:0", 24, true},
    {"f64/shuffle:7", "f64/shuffle:7", 53, true},
    {"f64/shuffle:18446744073709551615", "f64/shuffle:18446744073709551615", 53, true},
    {"tf32", "tf32", 11, true},
    {"tf32/wide", "tf32/wide", 11, true},
    {"fp8_e4m3/exact", "fp8_e4m3/exact", 4, true},
    {"fp8_e5m2", "fp8_e5m2", 3, true},
    {"f32/wide", "f32/wide", 24, true},
    {"mpfr:tf32", "mpfr:tf32", 11, true},
    {"mpfr:fp8_e4m3/wide", "mpfr:fp8_e4m3/wide", 4, true},
    {"mpfr:f16", "mpfr:11", 11, true}, /* one arithmetic, one name */
    {"mpfr:11/wide", "mpfr:11/wide", 11, true},
    {"mpfr:bf16/exact", "mpfr:8/exact", 8, true},
    {"f32/blas", "f32/blas", 24, false},
    {"f64/blas", "f64/blas", 53, false},
    {"f64/blas:/nonexistent.so", "f64/blas:/nonexistent.so", 53, false},
    {"f64/blas:a:b/c", "f64/blas:a:b/c", 53, false},
    {"", NULL, 0, false},
    {"/", NULL, 0, false},
    {"f64/", NULL, 0, false},
    {"f64/foo", NULL, 0, false},
    {"f64/exact/", NULL, 0, false},
    {"f64/exact:", NULL, 0, false},
    {"f64/exact:x", NULL, 0, false},
    {"f64:3", NULL, 0, false},
    {"f64:", NULL, 0, false},
    {"f64 ", NULL, 0, false},
    {" f64", NULL, 0, false},
    {"F64", NULL, 0, false},
    {"f6", NULL, 0, false},
    {"f640", NULL, 0, false},
    {"f64/blas:", NULL, 0, false},
    {"f64/shuffle", NULL, 0, false},
    {"f64/shuffle:", NULL, 0, false},
    {"f64/shuffle:07", NULL, 0, false},
    {"f64/shuffle:00", NULL, 0, false},
    {"f64/shuffle:-1", NULL, 0, false},
    {"f64/shuffle:+1", NULL, 0, false},
    {"f64/shuffle: 1", NULL, 0, false},
    {"f64/shuffle:1 ", NULL, 0, false},
    {"f64/shuffle:0x1", NULL, 0, false},
    {"f64/shuffle:1:2", NULL, 0, false},
    {"f64/shuffle:1/exact", NULL, 0, false},
    {"f64/shuffle:18446744073709551616", NULL, 0, false},
    {"f64/shuffle:99999999999999999999999", NULL, 0, false},
    {"bf16/shuffle:1", NULL, 0, false},
    {"mpfr:24/shuffle:1", NULL, 0, false},
    {"/exact", NULL, 0, false},
    {"mpfr", NULL, 0, false},
    {"mpfr:", NULL, 0, false},
    {"mpfr/exact", NULL, 0, false},
    {"mpfr:/exact", NULL, 0, false},
    {"mpfr:53/blas", NULL, 0, false},
    {"mpfr:53/", NULL, 0, false},
    {"mpfr:1", NULL, 0, false},
    {"mpfr:0", NULL, 0, false},
    {"mpfr:-5", NULL, 0, false},
    {"mpfr:+5", NULL, 0, false},
    {"mpfr: 5", NULL, 0, false},
    {"mpfr:5 ", NULL, 0, false},
    {"mpfr:5x", NULL, 0, false},
    {"mpfr:0x10", NULL, 0, false},
    {"mpfr:5:6", NULL, 0, false},
    {"mpfr:f33", NULL, 0, false},
    {"mpfr:mpfr:5", NULL, 0, false},
    {"mpfr:tf32:5", NULL, 0, false},
    {"mpfr:a-name-longer-than-any", NULL, 0, false},
    {"tf32:11", NULL, 0, false},
    {"fp8", NULL, 0, false},
    {"f64/wide", NULL, 0, false},
    {"mpfr:53/wide", NULL, 0, false},
    {"mpfr:80/wide", NULL, 0, false},
    {"tf32/wide:f32", NULL, 0, false},
    {"tf32/blas", NULL, 0, false},
    {"mpfr:16385", NULL, 0, false},
    {"mpfr:4294967349", NULL, 0, false},
    {"mpfr:99999999999999999999", NULL, 0, false},
};

static void names_of_arithmetics(void **state) {
    (void)state;
    bf_arithmetic a;
    for (size_t i = 0; i < LENGTH(names); i++) {
        const bf_status s = bf_arithmetic_parse(&a, names[i].name, &err);
        if (!names[i].canonical) {
            if (s != BF_EINPUT)
                fail_msg("'%s' was taken for an arithmetic", names[i].name);
            continue;
        }
        must(s);
        assert_string_equal(a.name, names[i].canonical);
        assert_int_equal(a.format.precision, names[i].precision);
        assert_int_equal(a.strict, names[i].strict);
        bf_arithmetic again = arithmetic(a.name);
        assert_string_equal(again.name, a.name);
    }
    char name[400] = "f64/blas:"; /* a path that is too long, and one that just is not */
    memset(name + 9, 'x', 256);
    assert_int_equal(bf_arithmetic_parse(&a, name, &err), BF_EINPUT);
    name[9 + 255] = '\0';
    must(bf_arithmetic_parse(&a, name, &err));
    assert_string_equal(a.name, name);

    const bf_problem problem = minimal_problem();
    bf_ensemble *e;
    a = arithmetic("f64/blas:/nonexistent.so");
    assert_int_equal(bf_ensemble_new(&e, &a, &problem, &err), BF_EINPUT);
    assert_null(e);

    const bf_arithmetic_info *info; /* what is listed can be opened */
    for (size_t i = 0; (info = bf_arithmetic_list(i)); i++) {
        snprintf(name, sizeof name, "%s%s%s%s%s", info->format,
                 strcmp(info->format, "mpfr") != 0 ? ""
                 : strcmp(info->sum, "wide") == 0  ? ":tf32"
                                                   : ":100",
                 info->sum[0] ? "/" : "", info->sum, strcmp(info->sum, "shuffle") == 0 ? ":1" : "");
        a = arithmetic(name);
        assert_int_equal(a.strict, info->strict);
        must(bf_ensemble_new(&e, &a, &problem, &err));
        bf_ensemble_free(e);
    }
    assert_int_equal(bf_kernel_force("z80", &err), BF_EINPUT);
    must(bf_kernel_force("auto", &err));
    assert_string_equal(arithmetic("f64").kernel, bf_kernel(0));
}

/* What a problem may not be. */
static void bad_problems_are_refused(void **state) {
    (void)state;
    const bf_layer dense[] = {BF_LAYER("dense", {"width", "1"}, {"bias", "false"})};
    const bf_layer none[] = {BF_LAYER("dense", {"width", "0"}, {"bias", "false"})};
    const bf_layer two[] = {BF_LAYER("dense", {"width", "2"}, {"bias", "false"})};
    const bf_layer unknown[] = {BF_LAYER("sparse", {"width", "1"})};
    const bf_layer scale[] = {
        BF_LAYER("dense", {"width", "1"}, {"bias", "false"}, {"scale", "half"})};
    const bf_layer infinite[] = {
        BF_LAYER("dense", {"width", "1"}, {"bias", "false"}, {"scale", "inf"})};
    const bf_layer gain[] = {BF_LAYER("tanh", {"gain", "1/0"})};
    const bf_layer tanh_only[] = {{.kind = "tanh"}};
    const struct {
        const bf_layer *layers;
        const char *loss, *rate, *momentum, *decay;
        bf_status status;
    } cases[] = {
        {dense, "mse", "1", NULL, NULL, BF_OK},
        {dense, "mse", "1", "0.9", "1/10", BF_OK},
        {none, "mse", "1", NULL, NULL, BF_EINPUT},
        {two, "mse", "1", NULL, NULL, BF_EINPUT},
        {unknown, "mse", "1", NULL, NULL, BF_EINPUT},
        {scale, "mse", "1", NULL, NULL, BF_EINPUT},
        {infinite, "mse", "1", NULL, NULL, BF_EINPUT},
        {gain, "mse", "1", NULL, NULL, BF_EINPUT},
        {tanh_only, "mse", "1", NULL, NULL, BF_EINPUT},
        {dense, "mean", "1", NULL, NULL, BF_EINPUT},
        {dense, "mse", NULL, NULL, NULL, BF_EINPUT},
        {dense, "mse", "fast", NULL, NULL, BF_EINPUT},
        {dense, "mse", "nan", NULL, NULL, BF_EINPUT},
        {dense, "mse", "1", "inf", NULL, BF_EINPUT},
        {dense, "mse", "1", NULL, "", BF_EINPUT},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const bf_arithmetic a = arithmetic("f64");
        bf_problem p = minimal_problem();
        p.layers = cases[i].layers;
        p.n_layers = 1;
        p.loss = cases[i].loss;
        p.rate = cases[i].rate;
        const bf_setting settings[] = {{"momentum", cases[i].momentum},
                                       {"weight_decay", cases[i].decay}};
        p.optimiser_settings = settings;
        p.n_optimiser_settings = LENGTH(settings);
        bf_ensemble *e;
        const bf_status s = bf_ensemble_new(&e, &a, &p, &err);
        if (s != cases[i].status)
            fail_msg("problem %zu: %s", i, s == BF_OK ? "accepted" : err.text);
        assert_int_equal(e != NULL, s == BF_OK);
        bf_ensemble_free(e);
    }
    assert_null(bf_data_named("paper9"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_known_small_encodings),
        cmocka_unit_test(numbers_agree_with_libc),
        cmocka_unit_test(encodings_are_as_documented),
        cmocka_unit_test(numbers_agree_with_mpfr),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(texts_read_back_as_the_same_value),
        cmocka_unit_test(texts_are_canonical),
        cmocka_unit_test(the_largest_number_is_known),
        cmocka_unit_test(formats_are_found_by_name),
        cmocka_unit_test(numbers_follow_one_another),
        cmocka_unit_test(ulps_count_steps),
        cmocka_unit_test(ulps_add_up),
        cmocka_unit_test(ulps_between_neighbours_are_one),
        cmocka_unit_test(philox_gives_known_answers),
        cmocka_unit_test(draws_are_kept_apart),
        cmocka_unit_test(perturbations_stay_within_the_cube),
        cmocka_unit_test(a_perturbation_below_the_last_bit_moves_nothing),
        cmocka_unit_test(perturbations_are_uniform),
        cmocka_unit_test(precisions_share_the_leading_bits),
        cmocka_unit_test(starts_are_the_same_at_every_precision),
        cmocka_unit_test(uniform_starts_know_their_bounds),
        cmocka_unit_test(uniform_starts_stay_within),
        cmocka_unit_test(planes_starts_are_at_the_distance),
        cmocka_unit_test(hashes_give_known_answers),
        cmocka_unit_test(names_of_arithmetics),
        cmocka_unit_test(bad_problems_are_refused),
    };
    return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
