# SPDX-License-Identifier: MIT
# train_numpy.py - the minimal model in NumPy, vectorised over networks, without temporaries.
import peer

try:
    import numpy as np
except ImportError:
    peer.absent('NumPy')

np.seterr(all='ignore')


class Model:
    """dL/dw = v sum r x (1 - h^2) is split into sum r x - sum (r h) h x: r h is there already, and
    sums over samples with x are products of matrices."""

    def __init__(self, batch, dtype):
        self.w, self.v, self.gw, self.gv = (np.empty((2, batch), dtype) for _ in range(4))
        self.h, self.t = (np.empty((8, 2, batch), dtype) for _ in range(2))
        self.r, self.rx = np.empty((8, batch), dtype), np.empty(batch, dtype)
        self.x = np.array(peer.X, dtype) * dtype(peer.GAIN)
        self.x3 = self.x.reshape(8, 1, 1)
        self.y = 2 * np.array(peer.Y, dtype).reshape(8, 1)
        self.rate = dtype(peer.RATE / 16)
        self.minus_x = -self.rate * self.x
        self.rate_x = self.rate * self.x

    def start(self, rows):
        self.w[:], self.v[:] = rows[:2], rows[2:]
        self.first = self.w.copy(), self.v.copy()

    def step(self):
        h, t, r = self.h, self.t, self.r
        np.multiply(self.x3, self.w, out=h)
        np.tanh(h, out=h)
        np.multiply(h, self.v, out=t)
        np.add(t[:, 0], t[:, 1], out=r)
        np.subtract(r, self.y, out=r)  # twice f - y
        np.multiply(h, r[:, None], out=t)
        np.add.reduce(t, axis=0, out=self.gv)
        np.multiply(t, h, out=t)
        np.dot(self.minus_x, t.reshape(8, -1), out=self.gw.reshape(-1))
        np.dot(self.rate_x, r, out=self.rx)
        np.add(self.gw, self.rx, out=self.gw)
        np.multiply(self.gw, self.v, out=self.gw)
        np.subtract(self.w, self.gw, out=self.w)
        np.multiply(self.gv, self.rate, out=self.gv)
        np.subtract(self.v, self.gv, out=self.v)

    def revive(self):
        gone = ~(np.abs(self.w).max(axis=0) < 1e6)
        if gone.any():
            self.w[:, gone], self.v[:, gone] = self.first[0][:, gone], self.first[1][:, gone]

    def last(self):
        return [float(x) for x in (*self.w[:, -1], *self.v[:, -1])]


class Einsum(Model):
    """Contractions by einsum."""

    def step(self):
        h, t, r = self.h, self.t, self.r
        np.multiply(self.x3, self.w, out=h)
        np.tanh(h, out=h)
        np.einsum('nkb,kb->nb', h, self.v, out=r)
        np.subtract(r, self.y, out=r)
        np.einsum('nb,nkb->kb', r, h, out=self.gv)
        np.multiply(h, h, out=t)
        np.subtract(1, t, out=t)
        np.multiply(r, self.rate_x[:, None], out=r)
        np.einsum('nb,nkb->kb', r, t, out=self.gw)
        np.multiply(self.gw, self.v, out=self.gw)
        np.subtract(self.w, self.gw, out=self.w)
        np.multiply(self.gv, self.rate, out=self.gv)
        np.subtract(self.v, self.gv, out=self.v)


class Plain(Model):
    """As one first writes it: the formulas, vectorised over networks."""

    def __init__(self, batch, dtype):
        super().__init__(batch, dtype)
        self.gain, self.half = dtype(peer.GAIN), dtype(0.5)
        self.x = np.array(peer.X, dtype).reshape(8, 1, 1)
        self.y = np.array(peer.Y, dtype).reshape(8, 1)
        self.rate = dtype(peer.RATE)

    def step(self):
        h = np.tanh(self.gain * self.w * self.x)
        f = self.half * (self.v * h).sum(axis=1)
        d = (self.half * (f - self.y) / 4)[:, None]
        gv = (d * h).sum(axis=0)
        gw = (d * self.v * (1 - h * h) * self.gain * self.x).sum(axis=0)
        self.w -= self.rate * gw
        self.v -= self.rate * gv


DTYPES = (('float64', np.float64), ('float32', np.float32))
peer.serve([peer.best('NumPy ' + np.__version__, group,
                      [('ufuncs, out=', lambda b: Model(b, dtype)),
                       ('einsum', lambda b: Einsum(b, dtype))])
            for group, dtype in DTYPES] +
           [peer.best('plain NumPy ' + np.__version__, group,
                      [('as first written', lambda b: Plain(b, dtype))])
            for group, dtype in DTYPES])
