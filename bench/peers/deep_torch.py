# SPDX-License-Identifier: MIT
# deep_torch.py - the networks of bench/deep.c in PyTorch, many at once on one core: batched matrix
# products over the networks for m6 (gradients by hand, in place), grouped convolutions for vgg (by
# autograd). For every line `MODEL SECONDS` on standard input the training steps of one network per
# second, of the best number of networks, on standard output.
import math
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print('absent', flush=True)
    sys.exit()

torch.set_num_threads(1)


class M6:
    COUNTS = (256, 1024, 4096)

    def __init__(self, n):
        widths = (16, 6, 6, 6, 10)
        self.w = [(torch.rand(n, a, b) * 2 - 1) / math.sqrt(a) for a, b in zip(widths, widths[1:])]
        self.v = [torch.zeros_like(w) for w in self.w]
        self.x = torch.randn(8, 16).expand(n, 8, 16).contiguous()
        self.y = torch.randn(8, 10).expand(n, 8, 10)

    def step(self):
        with torch.inference_mode():
            outs = [self.x]
            for w in self.w[:-1]:
                z = torch.bmm(outs[-1], w)
                outs.append(z.div_(z.abs().add_(1)))
            d = torch.bmm(outs[-1], self.w[-1]).sub_(self.y).mul_(1 / 8)
            for i in range(3, -1, -1):
                w, v = self.w[i], self.v[i]
                g = torch.baddbmm(w, outs[i].transpose(1, 2), d, beta=0.01)
                if i > 0:
                    s = outs[i].abs().neg_().add_(1)
                    d = torch.bmm(d, w.transpose(1, 2)).mul_(s.mul_(s))
                v.mul_(0.9).add_(g)
                w.sub_(v, alpha=0.2)


class Vgg:
    COUNTS = (1, 4, 16)
    CHANNELS = ((6, 6), (8, 8), (12, 12, 12), (16, 16, 16))

    def __init__(self, n):
        self.n = n
        self.convs, self.dense = [], []
        before = 1
        for group in self.CHANNELS:
            for c in group:
                self.convs.append(torch.randn(n * c, before, 3, 3) * math.sqrt(1 / (9 * before)))
                before = c
        for a, b in ((16, 33), (33, 10)):
            self.dense.append(torch.randn(n, a, b) * math.sqrt(1 / a))
        self.parameters = self.convs + self.dense
        for p in self.parameters:
            p.requires_grad_()
        self.optimiser = torch.optim.SGD(self.parameters, lr=0.001, momentum=0.9, foreach=True)
        self.x = torch.randn(16, 1, 28, 28).expand(16, n, 28, 28).contiguous()
        self.y = torch.randint(10, (16,)).repeat(n)

    def step(self):
        h, at = self.x, 0
        for group in self.CHANNELS:
            for _ in group:
                h = torch.tanh(F.conv2d(h, self.convs[at], padding=1, groups=self.n))
                at += 1
            h = F.max_pool2d(h, 2)
        h = h.view(16, self.n, 16).transpose(0, 1)
        z = torch.bmm(torch.tanh(torch.bmm(h, self.dense[0])), self.dense[1])
        loss = F.cross_entropy(z.reshape(-1, 10), self.y) * self.n
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()


def rate(model, seconds):
    model.step()
    steps, began = 0, time.perf_counter()
    while time.perf_counter() < began + seconds:
        model.step()
        steps += 1
    return steps / (time.perf_counter() - began)


MODELS = {'m6': M6, 'vgg': Vgg}
best = {}
for line in sys.stdin:
    name, seconds = line.split()
    if name not in best:
        kind = MODELS[name]
        best[name] = max(kind.COUNTS, key=lambda n: n * rate(kind(n), float(seconds) / 4))
    n = best[name]
    print(n * rate(MODELS[name](n), float(seconds)), n, flush=True)
