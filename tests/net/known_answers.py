#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Known answers for test_known_answers.c, to 80 digits, from the definitions in PyTorch's documentation and in its
order of operations (torch.nn.SiLU, LeakyReLU; torch.optim.SGD, Adam, AdamW, each with the same options), in decimal
arithmetic of 120 digits that shares nothing with the engine. Prints the tables of the test.
"""
from decimal import Decimal as D, getcontext

getcontext().prec = 120


def sigmoid(x):
    return 1 / (1 + (-x).exp())


def silu(x):
    s = sigmoid(x)
    return x * s, s * (1 + x * (1 - s))


def leaky_relu(x, slope):
    return (x, D(1)) if x > 0 else (slope * x, slope)


def gradient(w, b):
    """Of sum (w x + b - y)^2 / 4 over (x, y) = (1, 2), (3, -1)."""
    r = [w * x + b - y for x, y in ((1, 2), (3, -1))]
    return [(r[0] + 3 * r[1]) / 2, (r[0] + r[1]) / 2]


def sgd(theta, steps, lr, momentum=0, weight_decay=0, nesterov=False):
    buffer = [None, None]
    for _ in range(steps):
        for i, g in enumerate(gradient(*theta)):
            g = g + weight_decay * theta[i]
            if momentum:
                buffer[i] = g if buffer[i] is None else momentum * buffer[i] + g
                g = g + momentum * buffer[i] if nesterov else buffer[i]
            theta[i] -= lr * g
    return theta


def adam(theta, steps, lr, weight_decay, decoupled, beta1=D("0.9"), beta2=D("0.999"), eps=D("1e-8")):
    m, v = [D(0), D(0)], [D(0), D(0)]
    for t in range(1, steps + 1):
        for i, g in enumerate(gradient(*theta)):
            if decoupled:
                theta[i] *= 1 - lr * weight_decay
            else:
                g = g + weight_decay * theta[i]
            m[i] += (1 - beta1) * (g - m[i])
            v[i] = beta2 * v[i] + (1 - beta2) * g * g
            denominator = v[i].sqrt() / (1 - beta2**t).sqrt() + eps
            theta[i] -= lr / (1 - beta1**t) * m[i] / denominator
    return theta


def text(x):
    getcontext().prec = 80
    r = str(+x)
    getcontext().prec = 120
    return '"%s"' % r


# torch computes all gradients of a step before any update: gradient() is called once a step.
for x in "-700 -30 -1.5 -0.25 -1e-5 0 0.25 1.5 30 700".split():
    for name, (y, slope) in (("silu", silu(D(x))), ("leaky_relu", leaky_relu(D(x), D("0.01")))):
        print('    {"%s", "%s", %s, %s},' % (name, x, text(y), text(slope)))
START = D("0.5"), D("-0.25")
for name, theta in (
    ("sgd, plain", sgd(list(START), 7, D("0.1"))),
    ("sgd", sgd(list(START), 7, D("0.1"), D("0.8"), D("0.02"))),
    ("nesterov", sgd(list(START), 7, D("0.1"), D("0.8"), D("0.02"), True)),
    ("nesterov, defaults", sgd(list(START), 7, D("0.1"), D("0.9"), 0, True)),
    ("adam, defaults", adam(list(START), 7, D("0.1"), D(0), False)),
    ("adam", adam(list(START), 7, D("0.1"), D("0.02"), False, D("0.8"), D("0.95"), D("1e-3"))),
    ("adamw, defaults", adam(list(START), 7, D("0.1"), D("0.01"), True)),
    ("adamw", adam(list(START), 7, D("0.1"), D("0.3"), True, D("0.8"), D("0.95"), D("1e-3"))),
):
    print('    {"%s", %s, %s},' % (name, text(theta[0]), text(theta[1])))
