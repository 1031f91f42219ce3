/* SPDX-License-Identifier: MIT */
/* test_elementary.c - tanh, exp, log, erf and sqrt of vectors against MPFR, bit for bit.
 *
 * Compiled for whichever kernel path its flags select (see num/vec.h), which it prints. With
 * -DELEMENTARY_COUNT (slow.c too) it also holds the share of undecided elements to what
 * the headers promise.
 */
#include "num/elementary/f32.h"
#include "num/elementary/f64.h"
#include "num/elementary/slow.h"
#include "num/vec.h"

#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

/* ---- functions under test ----------------------------------------------------------------- */

typedef struct tested_function {
    const char *name;
    vf64 (*f64)(vf64);
    vf32 (*f32)(vf32);
    int (*exact)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
    double (*candidate)(double); /* for binary32: within 2^-48 of the truth */
    double low, high;            /* where the function is neither trivial nor constant */
    int exponent_low, exponent_high;
    const double *hard; /* arguments */
    size_t n_hard;
    const float *hard_f32;
    size_t n_hard_f32;
} tested_function;

/* Arguments whose image lies unusually close to the middle between two neighbouring doubles (or to
 * a double): from the tables of V. Lefevre and P. Zimmermann distributed with CORE-MATH; most of
 * those of exp found by random search. */
/* clang-format off */
static const double hard_tanh[] = {
    0x1.e0000000000e1p-22, 0x1.68000000017bbp-19, 0x1.ac343b179fec4p-3, 0x1.1375c272d441cp1,
    0x1.30842605350a2p-21, 0x1.c3f025670d6a7p-22, 0x1.0a90d36059a04p-6, 0x1.291c601a05276p-2,
    0x1.880072ccb1051p-11, 0x1.9ac41947f5c08p-8, 0x1.c3e1f9778db14p-14, 0x1.d37c75e733e5fp-13,
    0x1.d12ed0af1a27fp-27, 0x1.66f2616067472p-17, 0x1.84fbe3f9dada3p1, 0x1.b62826fcb7337p-11,
    0x1.c8d1452eec914p-5, 0x1.f4cc7bcaebf8dp-13, 0x1.250bfe1b082f5p-26, 0x1.0a2614966530cp-1,
    0x1.1005ec0bccabbp-1, 0x1.102364be9024bp3, 0x1.33dfeb0fa4bfep-1, 0x1.369f905b85551p3,
    0x1.418eceb86374bp-14, 0x1.5319f57633346p0, 0x1.7a2b6380b5b4dp-8, 0x1.8217ef61c8241p-13,
    0x1.85f6660e5091fp-21, 0x1.9a907c24108e9p-25, 0x1.d88d7550b2826p-2, 0x1.dd3c9b972acd7p3,
    0x1.e00a02f10ad41p-11, 0x1.e122955a0ed8ep-22, 0x1.e8a42129403c3p-12, 0x1.f99a52272c438p-11,
    0x1.fc1df3275d7d8p-9, 0x1.fe3b8053fc737p-12, 0x1.d12ed0af1a28p-27, 0x1.012950d84e3e5p-22,
    0x1.07d81798f1173p-14, 0x1.0d72a7a156a29p-22, 0x1.2c7cdc8642908p-23, 0x1.368dab14cfbc1p-4,
    0x1.41b239db3a53ep0, 0x1.45882e49d13dap-13, 0x1.494ddc83de1bcp-7, 0x1.52f41c0d4b43fp-19,
    0x1.552bf6c6625e8p-10, 0x1.7a5cb0cfe0c9ep-22, 0x1.840a0ece24b7ap-14, 0x1.8449d79ba2c11p2,
    0x1.872317842eccap-4, 0x1.8b5927ee6a565p-5, 0x1.960450a13617fp-8, 0x1.9b572bae12a0fp-23,
    0x1.9c6aaf2ab0aap-4, 0x1.9d8219080f919p-14, 0x1.a2e95b9b0b436p-12, 0x1.a454311debe4ap-5,
    0x1.e000000000384p-21, 0x1.e000000000e1p-20, 0x1.e00000000384p-19, 0x1.6800000005eecp-18,
    0x1.03289aa1045dbp3, 0x1.5f999ff1d21fdp-19, 0x1.c142400d24a85p-15, 0x1.5ad069d649057p-12,
    0x1.e00000000e1p-18, 0x1.19b958329c119p-9, 0x1.6554bfe4a4e78p-12, 0x1.b8aca02fd218bp-8,
    0x1.e7b151e50ace8p-8, 0x1.16a973d843b7bp-3, 0x1.5f999ff1e6d9bp-17, 0x1.dee41bec740edp-17,
    0x1.ab5c10840becdp-16, 0x1.7137449123ef8p-25, 0x1.b4c183fd4c492p-15, 0x1.81c5052d64a7ep-22,
    0x0.0000000000001p-1022, -0x0.0000000000001p-1022, 0x0.fffffffffffffp-1022,
    -0x0.fffffffffffffp-1022, 0x1p-1022, -0x1p-1022, 0x1.e142a0c545cc2p-857,
    0x1.db5c3a265665ep-776, 0x1.ca3ad64e3e01fp-644, 0x1.59e1d85bced86p-618, 0x1.53c60b81bebaap-589,
    0x1.af3ac4cfc9781p-488, 0x1.d12ed0af1a281p-27, 0x1.d12ed0af1a282p-27, 0x1.250bfe1b082f6p-26,
    0x1.a6a58d55e307cp-26, 0x1.a6a58d55e307dp-26, 0x1.daadd3a1416c4p-25, 0x1.0a402fcc79299p-25,
    0x1.61246d6ad9aefp-25, 0x1.02a3ad2ef6f4ap-24, 0x1.11733d66373cp-24, 0x1.2b076f131c9dap-24,
    0x1.7505c3110411bp-24, 0x1.dfdb948fb7ce5p-23, 0x1.1d3523fce55b9p-23, 0x1.c86cf2ce17e48p-21,
    0x1.19a366c39a0adp-21, 0x1.09fd8f1590ba1p-20, 0x1.64bc23c4fcae7p-20, 0x1.7481b3ea377ecp-20,
    0x1.948290fb49704p-20, 0x1.296068603c1c2p-19, 0x1.89ba2a83047c4p-19, 0x1.02fc386bb6ff3p-18,
    0x1.6f1d60dfc53c9p-18, 0x1.86d77f3313dcap-18, 0x1.b52cfd46f86ebp-18, 0x1.c16ac87ffe4a4p-17,
    0x1.8b984d8b27606p-17, 0x1.9bf43d36ad15fp-17, 0x1.18574183f9042p-16, 0x1.7f6a577b670e2p-16,
    0x1.0dbed17e5e78ep-16, 0x1.32573732214ap-16, 0x1.14de5bc81ef82p-15, 0x1.820307963a289p-15,
    0x1.85538b5efacb1p-15, 0x1.d95d811858761p-15, 0x1.0d4f3a5876194p-12, 0x1.882fc4d88671fp-10,
    0x1.f7ed4a27bd164p-10, 0x1.b66d84ac2cf99p-10, 0x1.1cbc6cfd0988p-9, 0x1.74623ca8675cp-9,
    0x1.943e7335195c4p-9, 0x1.87882ceb2ef98p-8, 0x1.c3a1e47657c78p-7, 0x1.454088ce62ff4p-7,
    0x1.39d986b38fcddp-7, 0x1.44d8618277b9cp-6, 0x1.64e80c9972842p-6, 0x1.787198f03e9c5p-6,
    0x1.6e8cec0a947e5p-5, 0x1.ca7221613d222p-4, 0x1.c5ade7c872488p-3, 0x1.faaa705b26777p-3,
    0x1.179173ab2cd77p-3, 0x1.044c92ca23556p-2, 0x1.5f2b527734e5cp-2, 0x1.0493074ab3635p-1,
    0x1.c4d7b152f5c83p0, 0x1.312833319664dp0, 0x1.b3932561f068ap1, 0x1.036c04e3850f6p1,
    0x1.44e5d69b809b5p2, 0x1.99be9e4df7881p2, 0x1.ae3d2c0ce9176p2, 0x1.f09f3495db4e9p3,
    0x1.122eff025fabep4, 0x1.241bf835f9d6p4, 0x1.30fc1931f09cap4, 0x1.015bdb2761717p4,
    0x1.9189a6c10e479p8, 0x1.627f1261440c2p9, 0x1.0b34399d37fcdp9, 0x1.fffffffffffffp1023,
    -0x1.fffffffffffffp1023};

static const double hard_exp[] = {
    0x1.accfbe46b4efp-1, 0x1.2c54cb8371084p0, 0x1.19f576bb94ee2p0, 0x1.f20b8d1b8468p-1,
    0x1.5da74f9de668p-1, 0x1.70a1a8cb942d3p0, 0x1.5a348282953bap0, 0x1.4df6c48246aep0,
    0x1.303239b51efbp0, 0x1.01b720730f958p0, 0x1.dcae06874c81p-1, 0x1.458041dd484d9p-1,
    0x1.44ae263625426p0, 0x1.3ae61ad7e4954p0, 0x1.ee263701d932p-1, 0x1.af473ab23dfcp-1,
    0x1.9320eeb0a709p-1, 0x1.6ad3e698768ap-1, 0x1.00d48a707b93ep-1, -0x1.b1d9bfea1ae15p0,
    -0x1.12ca4601f44a6p9, 0x1.cc3b04c5143f3p2, 0x1.1a71bc5c530fap2, 0x1.4f9093f72ff3fp-1,
    -0x1.128ce53f769f9p6, -0x1.3c15e023ae73p0, -0x1.62222695d49ebp-3, 0x1.f2bd342bab5d5p-2,
    -0x1.c9a271c5843aep-1, 0x1.a8cebb05181c6p8, -0x1.953f62c763af6p8, -0x1.302977e3ac0b1p6,
    -0x1.062f01067a913p6, 0x1.eaa5925d14a58p-9, 0x1.945186515b9f1p-5, 0x1.605199f8152a3p-5,
    -0x1.a596b77de0314p-4, 0x1.f7948589fe2b1p-12, 0x1.c6ad8f2795e66p-1, -0x1.c99e1e86fa0ep8,
    0x1.22c0ef6a5e0e3p7, 0x1.4b74f6c5acd7cp6, 0x1.46ff4e6b54feep4, 0x1.31aed054a01c5p3,
    -0x1.6445a474d7755p3, 0x1.abae5f21b635cp2, -0x1.f580a31c106b4p2, -0x1.93bddc4f2a68fp2,
    -0x1.670ed1e9b055bp2, -0x1.8b19716f32d57p0, -0x1.5fd803e5be6ffp-8, -0x1.669b9f2c5e44dp-7,
    -0x1.65d59b37c11d8p-7, -0x1.627fa6a87de81p-7, 0x1.681ec08cf8ce9p-5, 0x1.927c45584560dp-4,
    0x1.785ec9823c434p-3, 0x1.38343a4e73f32p-3, -0x1.1edf0ad2d6b22p-3, 0x1.51f598814e811p-2,
    0x1.83d4bcdebb3f4p2, 0x1.12f8afa4f56cp0, 0x1.d4fa82ced839p-1, 0x1.2b2f6c2d827ep-1,
    0x1.0c6f035e6797fp-1, 0x1.0122ef37212ebp-1, 0x1.00bcc31ebded7p-1, 0x1.4095d4fb5304p-1,
    0x1.ccd7e55d6609p-1, 0x1.84eabec52018p-1, 0x1.1cb65a1cef898p-1, 0x1.053f6a90b554p0,
    0x1.74654e8d79dfp-1, 0x1.3d963bb752ap-1, 0x1.012c061237773p-1, 0x1.00e0e33c8c3fdp-1, 0x1.6afp0,
    -0x1.4ae1b567258b2p-12, -0x1.3df9b8a5646ccp-12, -0x1.27f5b42b32ec8p-12, -0x1.10cbcb4a1ab44p-12,
    0x1.d989cdd0a7a64p-12, 0x1.5887c1604db73p-12, 0x1.278d1c05a0c38p-12, 0x1.1e8e2f8be3f26p-11,
    0x1.970d4120b7999p-11, 0x1.1d910ac254f33p-11, 0x1.c24feec44a393p-11, 0x1.b4e9a78686b4dp-11,
    0x1.5f2d038486248p-11, 0x1.31365a030131bp-11, 0x1.111c8172cc4e2p-11, 0x1.2bbead87d9c8p-10,
    0x1.5b08d86b985eep-10, 0x1.59a417a7e201fp-10, 0x1.3edd79885a4bap-10, 0x1.376518dedfcadp-10,
    0x1.63a736abbb39ep-10, 0x1.5d969ec517db2p-10, 0x1.43f90b5e5da16p-10, 0x1.e201926ec59f3p-9,
    0x1.ddc8ca2bd71bep-9, 0x1.d6c1eab684c07p-9, 0x1.cf0846ac1d77p-9, 0x1.ee14eb921d63ap-9,
    0x1.e962ea12b08c8p-9, 0x1.e28b9881a4bbbp-9, -0x1.66d8c4934f413p-8, -0x1.55b08893662bdp-8,
    -0x1.47dc38ac04145p-8, 0x1.456bad3264627p-8, 0x1.4d1e228869e23p-8, 0x1.3ecfea5e49b3p-8,
    0x1.3314171d8a0ddp-8, 0x1.67e8a6f513757p-7, 0x1.478e63634ff6cp-7, 0x1.559deabfbe8dfp-7,
    -0x1.6f529a61dc1fdp-7, 0x1.670f4ba32f6efp-7, 0x1.0191cb2f58987p-6, -0x1.b75e404f21d36p-6,
    -0x1.6bbc1f4e75101p-6, 0x1.af31f286b5887p-6, 0x1.6c3e549765686p-6, 0x1.61042990aaad1p-6,
    0x1.1546183c8f395p-6, 0x1.043925858920ap-6, 0x1.0d69fd441ee03p-5, -0x1.924adbec57d5ep-5,
    0x1.5d7433e1a2773p-5, -0x1.3b05b89547b97p-5, 0x1.c141672d33a66p-5, 0x1.ba9aefb77237p-4,
    0x1.35d37b41a8a16p-4, -0x1.8e331a4c4bf48p-4, -0x1.2311fee3b7cap-4, -0x1.22ca00e44660bp-4,
    -0x1.1fbde1e049bd2p-4, 0x1.fc9cc3575e0d1p-3, 0x1.63357d69938f8p-3, -0x1.850af720cd5d7p-3,
    0x1.b19ed89f75568p-3, 0x1.0a401e15e366dp-2, -0x1.edc897392bc9p-2, 0x1.6830bac11ce85p-2,
    0x1.2bd4c80aef9a8p-2, -0x1.aabbed7ad499ep-2, -0x1.735a2f9cc2822p-2, -0x1.7a67ece9353dcp1,
    -0x1.6913e2fb2c435p1, -0x1.423f08a13bd59p1, -0x1.35cde98b4d251p1, 0x1.f1b05ed5281e9p1,
    0x1.8649840470fd9p1, -0x1.593959b3a51f3p1, -0x1.3cbc4ef7c5d9fp1, 0x1.dd90726cd7cc3p2,
    0x1.c0d7ba6b4405fp2, -0x1.5bf6acd63f151p3, -0x1.19bf1523a369bp3, 0x1.ecd599c9e8524p3,
    0x1.cbe207dd5a921p3, 0x1.ae6fb202d738fp3, 0x1.76aae48b7ea0fp3, 0x1.6232e04923588p4,
    0x1.359302c3f6bdcp4, 0x1.306243e1fac3cp4, 0x1.045d8d815afc2p4, -0x1.e49aebbba15ebp4,
    -0x1.e3079f0668953p4, -0x1.d5b311630da04p4, 0x1.8bb2073e9a9c4p5, 0x1.b1ff06af647edp5,
    0x1.1ac2b25f6ef89p5, 0x1.b8731a5f57547p5, 0x1.617530f2d4e8dp5, 0x1.4ced5aba50299p5,
    0x1.26ad0dfc20b27p5, -0x1.af860bd01dd4ep5, -0x1.f463c6808deb6p6, 0x1.6739fcc42a3a3p6,
    0x1.2ea5ae3cfede7p6, -0x1.7640a639c63d2p6, 0x1.8d5b2fd48c749p7, 0x1.8bc9bc77f6977p7,
    0x1.e1d618f93259fp7, 0x1.83461b728c3b5p7, -0x1.eee529b467c59p7, -0x1.901933043f712p7,
    -0x1.6ef5037fb8a7cp7, -0x1.a5507f5ad5c78p8, -0x1.823c3ffe4646cp8, -0x1.11725ad5286aap8,
    0x1.d1c347d04c538p8, -0x1.273b57f7875e4p8, 0x1.546b56627cfc5p9, -0x1.2a84c6ac22fa8p9,
    0x1.340682a9d32d7p9, 0x1.2fffa356421a9p9, 0x1.22b94000720dap9};

static const double hard_log[] = {
    0x1.fd15daa6ce332p732, 0x1.b7f71a488641ap340, 0x1.d6a413a59c7eap502, 0x1.ad9cb1932cb03p480,
    0x1.6b3d29c0f9e6ep543, 0x1.be87838f1a47cp774, 0x1.613955dc802f8p-35, 0x1.9476e304cd7c7p-384,
    0x1.c573e7d6a51cap-512, 0x1.e9d2ef9b57262p-701, 0x1.452c8337ad7d3p-664, 0x1.91f8729a9282bp-574,
    0x1.d3da559aa99f5p63, 0x1.5996e62e5753fp186, 0x1.1f19ae6db054ep193, 0x1.bbdf7dd7ac127p331,
    0x1.123add2cfe736p359, 0x1.6ab13075e3f2dp457, 0x1.f2382637c71c2p460, 0x1.c561b55246db6p718,
    0x1.edce031790119p915, 0x1.31143c7c0b1e6p962, 0x1.c37623fffd8a1p-218, 0x1.0e35a88cfc273p-707,
    0x1.a8346abf875c7p-815, 0x1.6fb77644d2449p-969, 0x1.04517520386e5p137, 0x1.58bba4db12da9p151,
    0x1.12e24c5146e47p172, 0x1.dd6cee1a13ad7p264, 0x1.6fda0b1009a7p488, 0x1.b4870d2098262p477,
    0x1.382c35530591fp521, 0x1.d4a93d69f93ebp463, 0x1.b67b4f02f33d6p649, 0x1.618a1864daf76p644,
    0x1.5b46700fda328p678, 0x1.1d676463a3fcep585, 0x1.5c2e78e590c4p823, 0x1.fcdb4d6db2715p1013,
    0x1.57223881884a4p-173, 0x1.93e17ed15431ap-283, 0x1.2895cf0fcc84bp-285, 0x1.038fa8c7bd6ffp-526,
    0x1.7682766c32453p-858, 0x1.c0a65f9234893p-842, 0x1.74579daa31dc9p-826, 0x1.8a4d015196b15p37,
    0x1.aa6dbc039eaffp83, 0x1.526b38ab2ed1fp82, 0x1.c35165a3660fbp149, 0x1.8171a16d5fda7p228,
    0x1.ca3a239cc7ba3p225, 0x1.50d57691544d7p244, 0x1.ce2c23e6dd5fdp261, 0x1.f720a128ff6d5p260,
    0x1.b6dc28149d20fp333, 0x1.49f24f35d3f37p344, 0x1.44a2f58075274p350, 0x1.19aa3b9c3a117p424,
    0x1.62a88613629b6p678, 0x1.c90810d354618p245, 0x1.91ec4412c344fp86, 0x1.8670de0b68cadp656,
    0x1.ac50b409c8aeep8, 0x1.2b67eff65dce8p709, 0x1.7b1d97c902985p772, 0x1.26e9c4d32796p-232,
    0x1.7a8f65ad009bdp128, 0x1.27d6fe867d6f6p435, 0x1.fbe20477df4a7p850, 0x1.9ea7540a3d1f9p953,
    0x1.ea71d85cee02p-509, 0x1.dde003300019p-699, 0x1.b890ca8637ae2p40, 0x1.62e4dc3bbf53fp136,
    0x1.db9797d3d32e8p415, 0x1.9a86785b5ef3ep491, 0x1.758247d0be2e1p534, 0x1.f5da7fe652978p597,
    0x0.0000000000001p-1022, 0x0.1104d89f02ap-1022, 0x0.19b99592dfc98p-1022,
    0x0.00b7751dfaafap-1022, 0x0.1549018654431p-1022, 0x1.9b45da8e653fbp-1014,
    0x1.ffe13ee43d9a6p-1016, 0x1.5991186cfe748p-1001, 0x1.4697a9e1689dbp-1007,
    0x1.0852b64518f8cp-992, 0x1.8811713ba54fap-977, 0x1.582a491b6b4a2p-963, 0x1.6a087e93288fep-938,
    0x1.b411971cf4ed1p-955, 0x1.9d55d11faccdbp-959, 0x1.6a940f8559227p-930, 0x1.eb7b7d4cf0a1dp-900,
    0x1.3e2282f08de5ep-897, 0x1.73f69c9c1c32bp-905, 0x1.c94cc9b603a3cp-905, 0x1.72c971e98f65dp-879,
    0x1.df94b4c7f9d18p-886, 0x1.15cba01ed2d86p-873, 0x1.fe8c1b2b4e40fp-870, 0x1.9798c4dcf2582p-845,
    0x1.52511ac95f99ep-857, 0x1.2a4fd12e16f43p-826, 0x1.49fdc3ff8036p-825, 0x1.7de2fbd7c7cdcp-771,
    0x1.4a6edf0f1da6dp-797, 0x1.c729be8017127p-773, 0x1.5550176759825p-778, 0x1.dfccaaa6113p-758,
    0x1.cec9b4338ffd3p-763, 0x1.59d7cf2d82f2dp-742, 0x1.7d5f9f53f6cf3p-744, 0x1.a83cd2138f4a5p-728,
    0x1.0767b224880e3p-709, 0x1.361db2c500112p-724, 0x1.f77de3610ac33p-691, 0x1.9f276592d9591p-679,
    0x1.17767451862f4p-697, 0x1.31d853e9b1b02p-661, 0x1.6bbb4ad051234p-655, 0x1.19c01198ad14fp-671,
    0x1.5b8ff5b6f349cp-640, 0x1.de9a9c8041302p-627, 0x1.6207878f26aap-618, 0x1.40944aeae59c4p-614,
    0x1.906b6afea290fp-589, 0x1.ffffffffffffep-1, 0x1.fe5755f3a16e2p-1, 0x1.f5fc2766afcafp-1,
    0x1.f73a4fd8f0b8p-1, 0x1.f845a28dce3f8p-1, 0x1.f8db13b0e98a3p-1, 0x1.f96b1d3d1d118p-1,
    0x1.fdb5cfd02fdedp-1, 0x1.0178e5916f53cp0, 0x1.03ed58725a4d8p0, 0x1.05112792934b3p0,
    0x1.fbb7bb5f1b045p-1, 0x1.ff78281f6daf5p-1, 0x1.03bf953cad111p0, 0x1.04cf4152c0042p0,
    0x1.f911832f79909p-1, 0x1.f9c0ce741fa7ep-1, 0x1.f9ed57aba850fp-1, 0x1.fbad3b596c028p-1,
    0x1.fcebda42c2e84p-1, 0x1.fd0c0e7dd7224p-1, 0x1.fd0cf574ea2d4p-1, 0x1.fe73451b9c74fp-1,
    0x1.ff46958c4b10ep-1, 0x1.04792c90b25ep0, 0x1.f8a18b3669bb7p-1, 0x1.f8dcb521c7dc2p-1,
    0x1.f925b0b14c221p-1, 0x1.f9a99472565d6p-1, 0x1.fb420f58c9b7cp-1, 0x1.fb468b920eee3p-1,
    0x1.fa0c5825c4de5p-1, 0x1.fa5b58cc9650fp-1, 0x1.fa859b0e64fe2p-1, 0x1.fae10af52d27ep-1,
    0x1.fc1c0d9da14cfp-1, 0x1.fc23f233ec68bp-1, 0x1.fc88899ffeec1p-1, 0x1.fce79f467401ep-1,
    0x1.fd00c598a82c1p-1, 0x1.c7e1077f9aec2p-1, 0x1.b9f1fa4587967p0, 0x1.a4970c846cf08p-1,
    0x1.3f04a8eb275e6p0, 0x1.789e95b11578cp0, 0x1.dd40c880d5893p0, 0x1.f44091f69b7a4p0,
    0x1.cdd6866565f9bp0, 0x1.2686f00048285p-1, 0x1.25fd45593f228p-1, 0x1.42aad9a6d69f6p-1,
    0x1.478b240d150fcp-1, 0x1.9e23a288b2317p-1, 0x1.b479a39dd68fcp-1, 0x1.edeffbdb1a6e6p-1,
    0x1.20a4130082b03p0, 0x1.3436f93f025dp0, 0x1.8061ea565dd45p0, 0x1.81e94ead6b1c4p0,
    0x1.98568e1a763f2p0, 0x1.bd3be631d4a7dp0, 0x1.c3ee29103ac78p0, 0x1.1f46a3be4aff4p-1,
    0x1.1e3f59b4c0922p-1, 0x1.195314f6b5be2p-1, 0x1.15bac90182cddp-1};

static const double hard_erf[] = {
    0x1.51f3182edb17ap-36, 0x1.52b76545cc8efp-6, 0x1.4ccfc024723e7p-35, 0x1.2759b6d41c68ep-29,
    0x1.4142994626b71p-16, 0x1.a9faca76c6e89p-5, 0x1.3a013a3c71e92p0, 0x1.9730ce1d0f154p-49,
    0x1.a4a858cf5abeep-46, 0x1.2112a62300adfp-44, 0x1.56be406619561p-43, 0x1.612e04869b7dp-40,
    0x1.19fcb5f9e8a8bp-39, 0x1.3c47ae82dec8ep-18, 0x1.a3255878a6e14p-11, 0x1.4edbd3445930dp-8,
    0x1.ac278d915cab6p-8, 0x1.faca4f384ebf2p-8, 0x1.e4bcaa3d6ae35p-7, 0x1.9a3a5f5f28f3p0,
    0x1.2540dc10ab6ap-52, 0x1.297915bae1881p-51, 0x1.102b75eef9d2dp-48, 0x1.c5a8541a27dcep-48,
    0x1.4ba1635a0fe08p-46, 0x1.b6e3bea04d597p-42, 0x1.4c822c62ad162p-41, 0x1.1f8b186638ad9p-38,
    0x1.c1d49de9b3462p-38, 0x1.4a20177cd7994p-31, 0x1.1300fe61ae34ep-27, 0x1.97cfd7313c193p-25,
    0x1.46f709bca3e15p-24, 0x1.b9879b524b7cdp-17, 0x1.71f7408c44723p-15, 0x1.6510ffbd4c5b7p-9,
    0x1.e502a7e284ebfp-9, 0x1.64e31e0b34471p-8, 0x1.5be2786118ef8p-4, 0x1.bc466342a2296p-1,
    0x1.589bbd3ae5489p0, 0x1.8cb3bbe974aa7p1, 0x1.2108a266754bfp-61, 0x1.2108a266754bfp-60,
    0x1.2108a266754bfp-59, 0x1.2108a266754bfp-58, 0x1.2108a266754bfp-57, 0x1.2108a266754bfp-56,
    0x1.2108a266754bfp-55, 0x1.2108a266754bfp-54, 0x1.2540dc10ab6ap-53, 0x1.4b3ae30c92789p-50,
    0x1.4f731cb6c896ap-50, 0x1.86770a7a8713dp-47, 0x1.93af37e5a5cc5p-46, 0x1.56887386036cfp-44,
    0x1.71abb79db0b3fp-44, 0x1.231bbc5ed094ep-42, 0x1.a83e893b4380ep-42, 0x1.49de2b7f32658p-39,
    0x1.8430fefa15ceap-54, 0x1.6c196b0b4ae04p1, 0x1.02bcd0c5e2648p-16, 0x1.8430fefa15ceap-61,
    0x1.8430fefa15ceap-60, 0x1.8430fefa15ceap-59, 0x1.8430fefa15ceap-58, 0x1.8430fefa15ceap-57,
    0x1.8430fefa15ceap-56, 0x1.8430fefa15ceap-55, 0x1.886938a44becbp-52, 0x1.2b99db4db0d6p-48,
    0x1.fa41846867e29p-38, 0x1.bbe0961dba753p-30, 0x1.7807672ad2a97p-24, 0x1.bd64d79e554eap-23,
    0x1.ddbb940acaf0dp-9, 0x1.62ac2a232634fp-4, 0x1.301ca0d32ae29p-46, 0x1.2347ebc54f771p-44,
    0x0.0000000000001p-1022, -0x0.0000000000001p-1022, 0x0.00697bc4869a7p-1022,
    0x0.00d2f7890d34ep-1022, 0x0.013c734d93cf5p-1022, 0x0.01a5ef121a69cp-1022,
    0x0.0278e69b279eap-1022, 0x0.02924a981bb45p-1022, 0x0.034bde2434d38p-1022,
    0x0.0365422128e93p-1022, 0x0.040571b04df2bp-1022, 0x0.043839aa361e1p-1022,
    0x0.04f1cd364f3d4p-1022, 0x0.052495303768ap-1022, 0x0.080ae3609be56p-1022,
    0x0.087073546c3c2p-1022, 0x0.08f73ee69d2ffp-1022, 0x0.095cceda6d86bp-1022,
    0x0.1015c6c137cacp-1022, 0x0.105a1b16a7847p-1022, 0x0.10e0e6a8d8784p-1022,
    0x0.1167b23b096c1p-1022, 0x0.20b4362d4f08ep-1022, 0x0.202b8d826f958p-1022,
    0x0.213b01bf7ffcbp-1022, 0x0.21c1cd51b0f08p-1022, 0x0.41668f41ef923p-1022,
    0x0.40571b04df2bp-1022, 0x0.41686c5a9e11cp-1022, 0x0.4058f81d8daa9p-1022,
    0x0.ee65ee6bebe33p-1022, 0x0.f29e281622014p-1022, 0x0.f6d661c0581f5p-1022,
    0x0.fb0e9b6a8e3d6p-1022, 0x1p-1022, -0x1p-1022, 0x1.2540dc10ab6ap-61, 0x1.1cd068bc3f2dep-61,
    0x1.297915bae1881p-61, 0x1.2540dc10ab6ap-60, 0x1.1cd068bc3f2dep-60, 0x1.297915bae1881p-60,
    0x1.2540dc10ab6ap-59, 0x1.1cd068bc3f2dep-59, 0x1.297915bae1881p-59, 0x1.2540dc10ab6ap-58,
    0x1.1cd068bc3f2dep-58, 0x1.297915bae1881p-58, 0x1.2540dc10ab6ap-57, 0x1.1cd068bc3f2dep-57,
    0x1.297915bae1881p-57, 0x1.2540dc10ab6ap-56, 0x1.1cd068bc3f2dep-56, 0x1.297915bae1881p-56,
    0x1.2540dc10ab6ap-55, 0x1.1cd068bc3f2dep-55, 0x1.297915bae1881p-55, 0x1.2540dc10ab6ap-54,
    0x1.1cd068bc3f2dep-54, 0x1.297915bae1881p-54, 0x1.2108a266754bfp-53, 0x1.1cd068bc3f2dep-53,
    0x1.297915bae1881p-53, 0x1.2108a266754bfp-52, 0x1.1cd068bc3f2dep-52, 0x1.297915bae1881p-52,
    0x1.2db14f6517a62p-51, 0x1.2540dc10ab6ap-51, 0x1.31e9890f4dc43p-51, 0x1.4702a9625c5a8p-50,
    0x1.53ab5660feb4bp-50, 0x1.9b6907c745335p-49, 0x1.8ec05ac8a2d92p-49, 0x1.92f89472d8f73p-49,
    0x1.42d0070231bb2p-48, 0x1.6493b16c912b3p-48, 0x1.975d886d6b0acp-47, 0x1.6d1e3c1a88613p-47,
    0x1.79caa34a87ba8p-47, 0x1.6948c88c72abfp-46, 0x1.84ab69eb4ce41p-45, 0x1.bcd035a0b29d7p-45,
    0x1.4cda7b8c9397p-45, 0x1.6249564efd193p-45, 0x1.9f9dc0ead87f4p-44, 0x1.8c2cd3111c43dp-43,
    0x1.928ad42c6760dp-43, 0x1.462910701067bp-43, 0x1.89db67236576p-42, 0x1.8650a938aaf0ap-41,
    0x1.bb034a74a6fb1p-41, 0x1.cb231e6a3e83fp-41, 0x1.634a753b53a0fp-40, 0x1.a9ec37bbace8p-40,
    0x1.bcbdf4febe9bap-40, 0x1.71b6f2fa18e76p-39, 0x1.5b0272aeda966p-39, 0x1.58f6d5a94457ap-38,
    0x1.ac6614b09b732p-38, 0x1.f55f1cac74b62p-37, 0x1.ead34b47b9a2p-37, 0x1.5288bb45a5fe1p-37,
    0x1.e0150de40b73bp-37, 0x1.823acd0333be3p-36, 0x1.3bd57cbb782edp-36, 0x1.ac33b65e290bap-36,
    0x1.2c7e25fe4f915p-35, 0x1.c2aea62b9c37ap-35, 0x1.14d652874d2d1p-35, 0x1.463c08cec2859p-34,
    0x1.32f66165ad4c2p-34, 0x1.5de984d3813ep-34, 0x1.862a8cf81f8a1p-34, 0x1.6070b5e30a451p-33,
    0x1.2fed847dd6195p-33, 0x1.51c2792fc4c82p-33, 0x1.5d5a461091c43p-33, 0x1.17ae379935434p-32,
    0x1.5ee80ae65bd2fp-32, 0x1.bcbbee1b858dfp-32};

/* The same for binary32, found by trying them all. */
static const float hard_tanh_f32[] = {
    0x1.86fbc4p-10f, 0x1.dc0accp-2f, 0x1.a83722p-6f, 0x1.5969ap2f, 0x1.8bd194p2f, 0x1.f860aap-5f,
    0x1.2d5c5cp-6f, 0x1.4ddf04p2f, 0x1.416cfep-1f, 0x1.f178fcp0f, 0x1.279b08p1f, 0x1.916c0ap-8f,
    0x1.2ff78ep0f, 0x1.ed5fdcp-2f, 0x1.b79208p-10f, 0x1.713744p-12f, 0x1.713746p-12f,
    0x1.8f60bep2f, 0x1.2e57ccp-1f, 0x1.2a19a8p-3f, 0x1.92bb6ep-4f, 0x1.679054p0f, 0x1.dc9076p-4f,
    0x1.9c696p-7f, 0x1.bcee74p-11f, 0x1.823616p-8f, 0x1.c8dc56p-8f, 0x1.33c976p-2f, 0x1.2bf21cp-7f,
    0x1.6031acp-2f, 0x1.713742p-12f, 0x1.8fe78cp-2f, 0x1.1d6968p-7f, 0x1.5f0728p-9f,
    0x1.a0b17ap-10f, 0x1.5914p-8f, 0x1.b00c9cp-2f, 0x1.37bfe2p-5f, 0x1.a071b2p1f, 0x1.71374ap-12f,
    0x1.e9bfeep1f, 0x1.fa10a8p-2f, 0x1.cb4a54p-7f, 0x1.01e56cp-4f, 0x1.8db9ccp-11f,
    0x1.e3cf4cp-11f, 0x1.71374cp-12f, 0x1.255fdp1f};

static const float hard_exp_f32[] = {
    -0x1.d2259ap3f, -0x1.e1dbe2p-8f, -0x1.65cf3p6f, 0x1.fdff02p-17f, -0x1.c1c4b8p-10f, -0x1p-25f,
    0x1.8d7cb6p-12f, 0x1.cd3982p-14f, 0x1.747de2p-15f, 0x1.344e9cp-5f, 0x1.62b666p1f,
    0x1.036492p1f, 0x1.cb763ap-12f, 0x1.fbff82p-18f, 0x1.112856p6f, 0x1.f7ffc2p-19f,
    0x1.efffe2p-20f, 0x1.dffff2p-21f, 0x1.bffffap-22f, 0x1.7ffffep-23f, 0x1p-24f, 0x1.fffffep-25f,
    -0x1.548c34p-7f, 0x1.cce332p0f, -0x1.f02a66p1f, -0x1.e981d4p-16f, -0x1.705ce4p1f,
    -0x1.cf6ab2p-3f, -0x1.35f0d4p-8f, -0x1.a4af32p-11f, 0x1.69ff8p-17f, -0x1.ba246cp2f,
    -0x1.d2006ap-18f, -0x1.23eaep-3f, -0x1.d5c35ep-15f, 0x1.5d0a4p-11f, -0x1.7ffffep-24f,
    -0x1.5458f6p-3f, 0x1.bffff8p-22f, -0x1.4e537p-8f, -0x1.bc003p-19f, 0x1.d8afbep5f,
    0x1.54f076p-2f, -0x1.bd9c74p-8f, -0x1.c2aaeap-1f, -0x1.cp-23f, -0x1.740022p-19f,
    -0x1.500006p-21f};

static const float hard_log_f32[] = {
    0x1.b121a6p76f, 0x1.bacb4ap25f, 0x1.c09d7cp27f, 0x1.2f1fd6p3f, 0x1.22d57p-65f, 0x1.5190cp78f,
    0x1.827a74p-7f, 0x1.6351d8p95f, 0x1.b97c7p-14f, 0x1.cb534cp13f, 0x1.d1309cp62f, 0x1.f0ddep-8f,
    0x1.cfd86ep116f, 0x1.917748p-100f, 0x1.98496ep-39f, 0x1.390ffp-93f, 0x1.088d96p-74f,
    0x1.9ab656p13f, 0x1.577ac6p78f, 0x1.925308p-35f, 0x1.0be824p30f, 0x1.fa45fp-44f,
    0x1.c7f44cp-46f, 0x1.cc24d6p-44f, 0x1.996896p-115f, 0x1.62c45cp-31f, 0x1.6ed754p97f,
    0x1.14ca4p97f, 0x1.e2f096p-33f, 0x1.4ece16p-109f, 0x1.2390f6p32f, 0x1.2a4aeap101f,
    0x1.f3423ap70f, 0x1.95398ap83f, 0x1.91086cp5f, 0x1.737a6ap72f, 0x1.e195d4p-93f, 0x1.faec64p-7f,
    0x1.8b2372p63f, 0x1.8b9d3cp-85f, 0x1.ba4e3cp56f, 0x1.4af3a4p70f, 0x1.01ba58p111f,
    0x1.16afc4p-21f, 0x1.60534ap87f, 0x1.0b562p6f, 0x1.e2b7eep-100f, 0x1.93b79ap-77f};

static const float hard_erf_f32[] = {
    0x1.81d5acp-13f, 0x1.800afap-12f, 0x1.1d3a5ap-20f, 0x1.5d48ccp-18f, 0x1.546418p-100f,
    0x1.546418p-101f, 0x1.546418p-102f, 0x1.546418p-103f, 0x1.546418p-104f, 0x1.546418p-105f,
    0x1.546418p-106f, 0x1.546418p-107f, 0x1.546418p-108f, 0x1.546418p-109f, 0x1.546418p-110f,
    0x1.546418p-111f, 0x1.546418p-112f, 0x1.546418p-113f, 0x1.546418p-114f, 0x1.546418p-115f,
    0x1.546418p-116f, 0x1.546418p-117f, 0x1.546418p-118f, 0x1.546418p-119f, 0x1.546418p-120f,
    0x1.546418p-82f, 0x1.4b473ap-9f, 0x1.4b808cp-35f, 0x1.4b808cp-126f, 0x1.4b808cp-88f,
    0x1.5d47a4p-112f, 0x1.5d47a4p-74f, 0x1.5d47a4p-34f, 0x1.429dp-26f, 0x1.429dp-116f,
    0x1.429dp-77f, 0x1.662b3p-102f, 0x1.662b3p-63f, 0x1.662b3p-44f, 0x1.39b974p-24f,
    0x1.39b974p-108f, 0x1.39b974p-68f, 0x1.f37166p-1f, 0x1.6f0ebcp-60f, 0x1.6f0ebcp-47f,
    0x1.4bc82p-5f, 0x1.77f248p-50f, 0x1.77f248p-90f};
/* clang-format on */

static const tested_function functions[] = {
    {"tanh", elementary_tanh_f64, elementary_tanh_f32, mpfr_tanh, tanh, -6, 6, -30, 4, hard_tanh,
     COUNT_OF(hard_tanh), hard_tanh_f32, COUNT_OF(hard_tanh_f32)},
    {"exp", elementary_exp_f64, elementary_exp_f32, mpfr_exp, exp, -20, 20, -60, 9, hard_exp,
     COUNT_OF(hard_exp), hard_exp_f32, COUNT_OF(hard_exp_f32)},
    {"log", elementary_log_f64, elementary_log_f32, mpfr_log, log, 0.25, 4, -1074, 1023, hard_log,
     COUNT_OF(hard_log), hard_log_f32, COUNT_OF(hard_log_f32)},
    {"erf", elementary_erf_f64, elementary_erf_f32, mpfr_erf, erf, -4, 4, -40, 2, hard_erf,
     COUNT_OF(hard_erf), hard_erf_f32, COUNT_OF(hard_erf_f32)},
    {"sqrt", vf64_sqrt, vf32_sqrt, mpfr_sqrt, sqrt, 0, 4, -1074, 1023, NULL, 0, NULL, 0},
};
enum { N_FUNCTIONS = COUNT_OF(functions) };

/* ---- bits --------------------------------------------------------------------------------- */

static uint64_t bits_of(double x) {
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static double double_of(uint64_t b) {
    double x;
    memcpy(&x, &b, sizeof x);
    return x;
}

static float float_of(uint32_t b) {
    float x;
    memcpy(&x, &b, sizeof x);
    return x;
}

/* The same bits; every NaN is the same. */
static bool same(double a, double b) {
    return bits_of(a) == bits_of(b) || (isnan(a) && isnan(b));
}

static bool same_f32(float a, float b) {
    return same((double)a, (double)b);
}

/* splitmix64 (Steele, Lea, Flood 2014): any fixed sequence will do. */
static uint64_t random_state;
static uint64_t random_bits(void) {
    uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- references --------------------------------------------------------------------------- */

static double by_mpfr(const tested_function *f, double x, int precision, int emin, int emax) {
    mpfr_t y;
    mpfr_set_emin(emin);
    mpfr_set_emax(emax);
    mpfr_init2(y, precision);
    mpfr_set_d(y, x, MPFR_RNDN);
    const int ternary = f->exact(y, y, MPFR_RNDN);
    mpfr_subnormalize(y, ternary, MPFR_RNDN);
    const double r = mpfr_get_d(y, MPFR_RNDN);
    mpfr_clear(y);
    return r;
}

static double expected(const tested_function *f, double x) {
    return by_mpfr(f, x, 53, -1073, 1024);
}

static float expected_f32(const tested_function *f, float x) {
    const double y = f->candidate((double)x), margin = fabs(y) * 0x1p-48;
    if (!isinf(y)) {
        const float low = (float)(y - margin), high = (float)(y + margin);
        if (same_f32(low, high))
            return low;
    }
    return (float)by_mpfr(f, (double)x, 24, -148, 128);
}

/* ---- checking ----------------------------------------------------------------------------- */

/* Arguments are collected until a vector is full. */
typedef struct check {
    const tested_function *f;
    vf64 x;
    int filled;
    uint64_t done, wrong;
} check;

static void check_flush(check *c) {
    const vf64 y = c->f->f64(c->x);
    for (int i = 0; i < c->filled; i++) {
        const double want = expected(c->f, c->x[i]);
        if (!same(y[i], want) && c->wrong++ < 10)
            print_error("%s(%a) = %a, not %a\n", c->f->name, c->x[i], want, y[i]);
    }
    c->done += (uint64_t)c->filled;
    c->filled = 0;
}

static void check_one(check *c, double x) {
    c->x[c->filled++] = x;
    if (c->filled == VF64)
        check_flush(c);
}

static void check_end(check *c) {
    check_flush(c);
    assert_int_equal(c->wrong, 0);
}

/* x and the n doubles on either side of it. */
static void check_around(check *c, double x, int n) {
    const uint64_t b = bits_of(x);
    for (int i = -n; i <= n; i++)
        check_one(c, double_of(b + (uint64_t)i));
}

/* ---- tests -------------------------------------------------------------------------------- */

static void special_values(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double x, y;
    } known[] = {
        {"tanh", 0.0, 0.0},
        {"tanh", -0.0, -0.0},
        {"tanh", INFINITY, 1.0},
        {"tanh", -INFINITY, -1.0},
        {"tanh", NAN, NAN},
        {"tanh", 0x1p-1074, 0x1p-1074},
        {"tanh", -0x1p-1074, -0x1p-1074},
        {"tanh", 0x1.fffffffffffffp+1023, 1.0},
        {"tanh", -19.5, -1.0},
        {"exp", 0.0, 1.0},
        {"exp", -0.0, 1.0},
        {"exp", INFINITY, INFINITY},
        {"exp", -INFINITY, 0.0},
        {"exp", NAN, NAN},
        {"exp", 0x1p-1074, 1.0},
        {"exp", -0x1p-1074, 1.0},
        {"exp", 0x1.62e42fefa39efp+9, 0x1.fffffffffff2ap+1023},
        {"exp", 0x1.62e42fefa39fp+9, INFINITY},
        {"exp", 0x1.fffffffffffffp+1023, INFINITY},
        {"exp", -0x1.74910d52d3051p+9, 0x1p-1074},
        {"exp", -0x1.74910d52d3052p+9, 0.0},
        {"exp", -0x1.fffffffffffffp+1023, 0.0},
        {"log", 0.0, -INFINITY},
        {"log", -0.0, -INFINITY},
        {"log", 1.0, 0.0},
        {"log", -1.0, NAN},
        {"log", -0x1p-1074, NAN},
        {"log", INFINITY, INFINITY},
        {"log", -INFINITY, NAN},
        {"log", NAN, NAN},
        {"log", 0x1p-1074, -0x1.74385446d71c3p+9},
        {"log", 0x1.fffffffffffffp+1023, 0x1.62e42fefa39efp+9},
        {"erf", 0.0, 0.0},
        {"erf", -0.0, -0.0},
        {"erf", INFINITY, 1.0},
        {"erf", -INFINITY, -1.0},
        {"erf", NAN, NAN},
        {"erf", 0x1p-1074, 0x1p-1074},
        {"erf", 0x1.fffffffffffffp+1023, 1.0},
        {"erf", -6.0, -1.0},
        {"sqrt", 0.0, 0.0},
        {"sqrt", -0.0, -0.0},
        {"sqrt", INFINITY, INFINITY},
        {"sqrt", -1.0, NAN},
        {"sqrt", NAN, NAN},
        {"sqrt", 0x1p-1074, 0x1p-537},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        for (size_t j = 0; j < N_FUNCTIONS; j++) {
            const tested_function *f = &functions[j];
            if (strcmp(f->name, known[i].name) != 0)
                continue;
            const vf64 y = f->f64(vf64_of(known[i].x));
            for (int k = 0; k < VF64; k++)
                if (!same(y[k], known[i].y))
                    fail_msg("%s(%a) = %a, not %a", f->name, known[i].x, known[i].y, y[k]);
            const float x32 = (float)known[i].x;
            const vf32 z = f->f32(vf32_of(x32));
            for (int k = 0; k < VF32; k++)
                if (!same_f32(z[k], expected_f32(f, x32)))
                    fail_msg("%s(%a) in binary32: %a", f->name, (double)x32, (double)z[k]);
        }
}

static void hard_cases(void **state) {
    const tested_function *f = *state;
    check c = {.f = f};
    for (size_t i = 0; i < f->n_hard; i++) {
        check_one(&c, f->hard[i]);
        check_one(&c, -f->hard[i]);
    }
    check_end(&c);
    for (size_t i = 0; i < f->n_hard_f32; i++)
        for (int lane = 0; lane < VF32; lane++) {
            const float a = f->hard_f32[i];
            vf32 x = vf32_of(0.75f);
            x[lane] = a;
            const float y = f->f32(x)[lane];
            if (!same_f32(y, expected_f32(f, a)))
                fail_msg("%s(%a) in lane %d = %a, not %a", f->name, (double)a, lane,
                         (double)expected_f32(f, a), (double)y);
        }
}

/* Every place where the code's behaviour changes: arguments halfway between two entries of a
 * table, every power of two, the ends of the interesting range, the subnormals of the result. */
static void thresholds(void **state) {
    const tested_function *f = *state;
    check c = {.f = f};
    for (int e = -1074; e < 1024; e++)
        for (int s = 0; s < 2; s++)
            check_around(&c, s ? -ldexp(1, e) : ldexp(1, e), 3);
    for (int k = -6000; k <= 6000; k++) /* tanh: steps of log(2)/256 */
        check_around(&c, (k + 0.5) * 0x1.62e42fefa39efp-9, 3);
    for (int k = -2200; k <= 2100; k++) { /* exp: every 64th step of log(2)/128; overflow */
        check_around(&c, (64 * k + 0.5) * 0x1.62e42fefa39efp-8, 1);
        check_around(&c, 64 * k * 0x1.62e42fefa39efp-8, 1);
    }
    for (int k = 128; k <= 512; k++) /* log: steps of the significand */
        check_around(&c, k / 256.0, 3);
    for (int k = -800; k <= 800; k++) /* erf: steps of 1/256 and up */
        check_around(&c, k / 128.0 + 1 / 256.0, 3);
    static const double ends[] = {0x1.30fc1931f09c9p+4,
                                  20.0,
                                  0x1.7afb48dc96626p+2,
                                  6.0,
                                  0x1p-28,
                                  0x1.62e42fefa39efp+9,
                                  746.0,
                                  710.0,
                                  708.3964185322641,
                                  745.1332191019411,
                                  0x1.6a09e667f3bcdp+0,
                                  0x1.6a09e667f3bcdp-1};
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        for (int s = 0; s < 2; s++)
            check_around(&c, s ? -ends[i] : ends[i], 20);
    check_end(&c);
}

static void random_f64(void **state) {
    const tested_function *f = *state;
    check c = {.f = f};
    random_state = 1;
#ifdef ELEMENTARY_COUNT
    bf_elementary_slow_calls = 0;
#endif
    for (int i = 0; i < 500000; i++) {
        const uint64_t r = random_bits();
        /* Uniform in the interesting interval. */
        check_one(&c, f->low + (f->high - f->low) * ((double)(r >> 11) * 0x1p-53));
        /* Uniform in the exponent, and in the significand, of either sign. */
        const int span = f->exponent_high - f->exponent_low + 1;
        const int e = f->exponent_low + (int)(random_bits() % (uint64_t)span);
        const double m = 1 + (double)(r >> 12) * 0x1p-52;
        check_one(&c, ldexp(r & 1 ? -m : m, e));
    }
    check_end(&c);
#ifdef ELEMENTARY_COUNT
    const double share = (double)bf_elementary_slow_calls / (double)c.done;
    print_message("%s: %.1e undecided in binary64\n", f->name, share);
    assert_true(share < 0x1p-10);
#endif
    /* All bit patterns: mostly huge, tiny, not numbers. None of these may be slow. */
    for (int i = 0; i < 20000; i++)
        check_one(&c, double_of(random_bits()));
    check_end(&c);
}

static void sample_f32(void **state) {
    const tested_function *f = *state;
    uint64_t wrong = 0;
#ifdef ELEMENTARY_COUNT
    bf_elementary_slow_calls = 0;
#endif
    const uint32_t stride = 2039; /* prime: 2.1 million of 2^32 */
    for (uint64_t i = 0; i < UINT64_C(1) << 32; i += (uint64_t)stride * VF32) {
        vf32 x;
        for (uint32_t j = 0; j < VF32; j++)
            x[j] = float_of((uint32_t)(i + stride * j));
        const vf32 y = f->f32(x);
        for (int j = 0; j < VF32; j++) {
            const float want = expected_f32(f, x[j]);
            if (!same_f32(y[j], want) && wrong++ < 10)
                print_error("%s(%a) = %a, not %a\n", f->name, (double)x[j], (double)want,
                            (double)y[j]);
        }
    }
    assert_int_equal(wrong, 0);
#ifdef ELEMENTARY_COUNT
    assert_true(bf_elementary_slow_calls < 2000);
#endif
}

/* A lane's result does not depend on its neighbours, nor on which lane it is. */
static void neighbours(void **state) {
    const tested_function *f = *state;
    static const double strange[] = {NAN,     INFINITY, -INFINITY, 0.0,   -0.0,   0x1p-1074,
                                     0x1p-30, 0x1p1023, 709.9,     -745., -1e300, 1.0};
    random_state = 2;
    for (int i = 0; i < 20000; i++) {
        vf64 x;
        vf32 z;
        for (int k = 0; k < VF64; k++)
            x[k] = strange[random_bits() % COUNT_OF(strange)];
        for (int k = 0; k < VF32; k++)
            z[k] = (float)strange[random_bits() % COUNT_OF(strange)];
        const int lane = (int)(random_bits() % VF64), lane32 = (int)(random_bits() % VF32);
        double a = f->low + (f->high - f->low) * ((double)(random_bits() >> 11) * 0x1p-53);
        if (f->n_hard > 0 && i % 4 == 0) /* an undecided element among the others */
            a = f->hard[random_bits() % f->n_hard];
        x[lane] = a;
        z[lane32] = (float)a;
        const vf64 y = f->f64(x);
        const vf32 w = f->f32(z);
        for (int k = 0; k < VF64; k++)
            assert_true(same(y[k], f->f64(vf64_of(x[k]))[(k + 1) % VF64]));
        for (int k = 0; k < VF32; k++)
            assert_true(same_f32(w[k], f->f32(vf32_of(z[k]))[(k + 1) % VF32]));
    }
}

/* Saturation, tiny arguments, zeros and NaN stay on the fast path. */
static void trivial_is_fast(void **state) {
#ifdef ELEMENTARY_COUNT
    const tested_function *f = *state;
    static const double trivial[] = {NAN,       INFINITY, -INFINITY, 0.0,   -0.0,   0x1p-1074,
                                     1e-320,    1e-300,   1e-100,    1e-20, -1e-20, 0x1p1023,
                                     -0x1p1023, 1e3,      -1e3,      1.0,   25.0,   -25.0};
    bf_elementary_slow_calls = 0;
    for (size_t i = 0; i < COUNT_OF(trivial); i++) {
        f->f64(vf64_of(trivial[i]));
        f->f32(vf32_of((float)trivial[i]));
    }
    assert_int_equal(bf_elementary_slow_calls, 0);
#else
    (void)state;
    skip();
#endif
}

/* The slow path leaves MPFR's exponent range and flags as it finds them. */
static void slow_path_is_tidy(void **state) {
    (void)state;
    mpfr_set_emin(-5000);
    mpfr_set_emax(6000);
    mpfr_clear_flags();
    assert_true(same(bf_exp_f64_slow(-745.0), 0x1p-1074));
    assert_true(same((double)bf_exp_f32_slow(-103.5f), 0x1p-149));
    assert_true(isinf(bf_exp_f64_slow(710)));
    assert_int_equal(mpfr_get_emin(), -5000);
    assert_int_equal(mpfr_get_emax(), 6000);
    assert_int_equal(mpfr_flags_save(), 0);
}

int main(int argc, char **argv) {
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    print_message("vectors of %d bytes\n", VEC_BYTES);
    struct CMUnitTest tests[7 * N_FUNCTIONS + 2];
    char names[7 * N_FUNCTIONS][40];
    size_t n = 0;
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(special_values);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(slow_path_is_tidy);
    static const struct {
        const char *name;
        CMUnitTestFunction test;
    } each[] = {
        {"hard_cases", hard_cases}, {"thresholds", thresholds},
        {"random_f64", random_f64}, {"sample_f32", sample_f32},
        {"neighbours", neighbours}, {"trivial_is_fast", trivial_is_fast},
    };
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        for (size_t j = 0; j < COUNT_OF(each); j++) {
            char *name = names[n - 2];
            snprintf(name, sizeof names[0], "%s: %s", functions[i].name, each[j].name);
            tests[n++] = (struct CMUnitTest){
                .name = name, .test_func = each[j].test, .initial_state = (void *)&functions[i]};
        }
    return _cmocka_run_group_tests("elementary", tests, n, NULL, NULL);
}
