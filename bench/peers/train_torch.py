# SPDX-License-Identifier: MIT
# train_torch.py - the minimal model in PyTorch on batched tensors: gradient by hand in place, the
# same under torch.jit.script, and by autograd; the fastest is measured.
import peer

try:
    import torch
except ImportError:
    peer.absent('PyTorch')

torch.set_num_threads(1)


class Model:
    def __init__(self, batch, dtype):
        self.w, self.v, self.gw, self.gv = (torch.empty(2, batch, dtype=dtype) for _ in range(4))
        self.h, self.t = (torch.empty(8, 2, batch, dtype=dtype) for _ in range(2))
        self.r = torch.empty(8, batch, dtype=dtype)
        self.rx = torch.empty(batch, dtype=dtype)
        self.x = peer.GAIN * torch.tensor(peer.X, dtype=dtype)
        self.x3 = self.x.reshape(8, 1, 1)
        self.y = 2 * torch.tensor(peer.Y, dtype=dtype).reshape(8, 1)
        self.rate = peer.RATE / 16
        self.rate_x, self.minus_x = self.rate * self.x, -self.rate * self.x

    def start(self, rows):
        theta = torch.tensor(rows, dtype=self.w.dtype)
        self.w, self.v = theta[:2].clone(), theta[2:].clone()
        self.first = theta

    def step(self):
        with torch.inference_mode():
            h, t, r, w, v, gw, gv = self.h, self.t, self.r, self.w, self.v, self.gw, self.gv
            torch.mul(self.x3, w, out=h)
            torch.tanh(h, out=h)
            torch.mul(h, v, out=t)
            torch.add(t[:, 0], t[:, 1], out=r)
            torch.sub(r, self.y, out=r)
            torch.mul(h, r.unsqueeze(1), out=t)
            torch.sum(t, 0, out=gv)
            torch.mul(t, h, out=t)
            torch.mv(t.view(8, -1).t(), self.minus_x, out=gw.view(-1))
            torch.mv(r.t(), self.rate_x, out=self.rx)
            gw.add_(self.rx).mul_(v)
            w.sub_(gw)
            v.sub_(gv, alpha=self.rate)

    def revive(self):
        gone = ~(self.w.abs().amax(0) < 1e6)
        if gone.any():
            self.w[:, gone], self.v[:, gone] = self.first[:2, gone], self.first[2:, gone]

    def last(self):
        return [float(x) for x in (*self.w[:, -1], *self.v[:, -1])]


@torch.jit.script
def scripted_step(w, v, x3, y, rate: float):
    h = torch.tanh(x3 * w)
    r = h[:, 0] * v[0] + h[:, 1] * v[1] - y
    r3 = r.unsqueeze(1)
    gw = (x3 * r3 * (1 - h * h)).sum(0) * v
    gv = (r3 * h).sum(0)
    return w - rate * gw, v - rate * gv


class Scripted(Model):
    def step(self):
        with torch.no_grad():
            self.w, self.v = scripted_step(self.w, self.v, self.x3, self.y, self.rate)


class Autograd(Model):
    def step(self):
        w, v = self.w.requires_grad_(), self.v.requires_grad_()
        f = (torch.tanh(self.x3 * w) * v).sum(1) - self.y
        loss = (f * f).sum()  # four times the squared errors
        gw, gv = torch.autograd.grad(loss, (w, v))
        with torch.no_grad():
            self.w, self.v = w - self.rate / 2 * gw, v - self.rate / 2 * gv


peer.serve([peer.best('PyTorch ' + torch.__version__, group,
                      [('by hand', lambda b: Model(b, dtype)),
                       ('jit.script', lambda b: Scripted(b, dtype)),
                       ('autograd', lambda b: Autograd(b, dtype))])
            for group, dtype in (('float64', torch.float64), ('float32', torch.float32))])
