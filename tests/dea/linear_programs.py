"""The efficiency models as linear programs, one unit at a time, solved by HiGHS (scipy)."""
import numpy as np
from scipy.optimize import linprog


class Program:
    """min or max of a linear function over named blocks of variables, all >= 0 unless said."""

    def __init__(self, **sizes):
        self.at, self.n = {}, 0
        for name, size in sizes.items():
            self.at[name] = slice(self.n, self.n + size)
            self.n += size
        self.rows, self.free = [], set()

    def row(self, sense, rhs, **blocks):
        coefficients = np.zeros(self.n)
        for name, values in blocks.items():
            coefficients[self.at[name]] = values
        self.rows.append((coefficients, sense, rhs))

    def solve(self, maximise=False, **blocks):
        cost = np.zeros(self.n)
        for name, values in blocks.items():
            cost[self.at[name]] = values
        sign = -1 if maximise else 1
        less = [(c, r) if s == "<" else (-c, -r) for c, s, r in self.rows if s != "="]
        same = [(c, r) for c, s, r in self.rows if s == "="]
        bounds = [(0, None)] * self.n
        for name in self.free:
            bounds[self.at[name]] = [(None, None)] * len(range(*self.at[name].indices(self.n)))
        done = linprog(sign * cost, A_ub=[c for c, _ in less] or None, b_ub=[r for _, r in less] or None,
                       A_eq=[c for c, _ in same] or None, b_eq=[r for _, r in same] or None, bounds=bounds,
                       method="highs")
        if done.status == 2:
            return None
        assert done.status == 0, done.message
        return sign * done.fun


def intensities(program, returns, total=1.0, **more):
    """The sum of the intensities, or of them and Kuosmanen's mu; `total` may be a column."""
    if returns == "crs":
        return
    blocks = {"lam": 1.0, **more}
    rhs = total
    if not isinstance(total, float):
        blocks["t"], rhs = -1.0, 0.0
    program.row({"vrs": "=", "nirs": "<", "ndrs": ">"}[returns], rhs, **blocks)


def radial(x, y, XR, YR, returns, orientation="input", b=None, BR=None):
    p = Program(theta=1, lam=len(XR))
    inwards = orientation == "input"
    for i in range(len(x)):
        p.row("<", 0 if inwards else x[i], lam=XR[:, i], theta=-x[i] if inwards else 0)
    for r in range(len(y)):
        p.row(">", y[r] if inwards else 0, lam=YR[:, r], theta=0 if inwards else -y[r])
    for k in range(0 if b is None else len(b)):
        p.row("<", b[k], lam=BR[:, k])
    intensities(p, returns)
    return p.solve(maximise=not inwards, theta=1)


def sbm(x, y, b, XR, YR, BR, returns, weights=None, sup=False, numerator=False):
    """Tone's measures by the Charnes-Cooper transformation; weights run inputs, goods, bads."""
    m, s1, s2 = len(x), len(y), len(b)
    w = weights if weights is not None else [1 / m] * m + [1 / (s1 + s2)] * (s1 + s2)
    if numerator:
        w = [1 / (m + s2)] * m + [1 / s1] * s1 + [1 / (m + s2)] * s2
    p = Program(t=1, lam=len(XR), sx=m, sy=s1, sb=s2)
    sign, unit = (-1 if sup else 1), np.eye
    for i in range(m):
        p.row("<" if sup else "=", 0, lam=XR[:, i], sx=sign * unit(m)[i], t=-x[i])
    for r in range(s1):
        p.row(">" if sup else "=", 0, lam=YR[:, r], sy=-sign * unit(s1)[r], t=-y[r])
    for k in range(s2):
        p.row("<" if sup else "=", 0, lam=BR[:, k], sb=sign * unit(s2)[k], t=-b[k])
    wx, wy, wb = np.array(w[:m]) / x, np.array(w[m:m + s1]) / y, np.array(w[m + s1:]) / b
    p.row("=", 1, t=1, sy=sign * wy, sb=0 * wb if numerator else sign * wb)
    if sup:
        for r in range(s1):
            p.row("<", 0, sy=unit(s1)[r], t=-y[r])  # no less than nothing is produced
    intensities(p, returns, total="t")
    return p.solve(t=1, sx=-sign * wx, sb=-sign * wb if numerator else 0 * wb)


def directional(x, y, b, XR, YR, BR, g, returns, weak, weights=None):
    """DDF with one step, NDDF (weights) with a step for each variable."""
    m, s1, s2 = len(x), len(y), len(b)
    n, kuosmanen = m + s1 + s2, weak and returns == "vrs"
    p = Program(beta=1 if weights is None else n, lam=len(XR), mu=len(XR))
    if weights is None:
        p.free.add("beta")
    for v in range(n):
        step = g[v] if weights is None else g[v] * np.eye(n)[v]
        if v < m:
            p.row("<", x[v], lam=XR[:, v], mu=XR[:, v] if kuosmanen else 0, beta=step)
        elif v < m + s1:
            p.row(">", y[v - m], lam=YR[:, v - m], beta=-1 * step)
        else:
            p.row("=" if weak else "<", b[v - m - s1], lam=BR[:, v - m - s1], beta=step)
    if not kuosmanen:
        p.row("=", 0, mu=1)
    intensities(p, returns, mu=1.0)
    if weights is None:
        return p.solve(maximise=True, beta=1)
    for v in range(n):
        if g[v] == 0 or weights[v] == 0:
            p.row("=", 0, beta=np.eye(n)[v])
    return p.solve(maximise=True, beta=weights)


def cost(x, y, price, XR, YR, returns):
    p = Program(x=len(x), lam=len(XR))
    for i in range(len(x)):
        p.row("<", 0, lam=XR[:, i], x=-np.eye(len(x))[i])
    for r in range(len(y)):
        p.row(">", y[r], lam=YR[:, r])
    intensities(p, returns)
    return p.solve(x=price) / (price @ x)


def revenue(x, y, price, XR, YR, returns):
    p = Program(y=len(y), lam=len(XR))
    for i in range(len(x)):
        p.row("<", x[i], lam=XR[:, i])
    for r in range(len(y)):
        p.row(">", 0, lam=YR[:, r], y=-np.eye(len(y))[r])
    intensities(p, returns)
    return (price @ y) / p.solve(maximise=True, y=price)
