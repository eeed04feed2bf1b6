"""Linear programs in rational numbers: no rounding, no tolerance, and nothing in common with the program's simplex.

A two-phase tableau under Bland's rule; values are doubles taken as the fractions they are. Only for a handful of units.
"""

from fractions import Fraction


class Tableau:
    """min cost'x over rows of (coefficients, sense, right-hand side), x >= 0; senses "<", ">" and "="."""

    def __init__(self, cost, rows):
        self.cost = [Fraction(c) for c in cost]
        slacks = [k for k, (_, sense, _) in enumerate(rows) if sense != "="]
        self.columns = len(cost) + len(slacks)
        self.rows = []
        for k, (coefficients, sense, value) in enumerate(rows):
            row = [Fraction(a) for a in coefficients]
            row += [Fraction(1 if sense == "<" else -1) if k == other else Fraction(0) for other in slacks]
            row.append(Fraction(value))
            self.rows.append(row if row[-1] >= 0 else [-a for a in row])
        # One artificial column a row; the first phase drives them out.
        for k, row in enumerate(self.rows):
            row[-1:-1] = [Fraction(int(k == other)) for other in range(len(rows))]
        self.basis = [self.columns + k for k in range(len(rows))]

    def pivot(self, r, e):
        row = self.rows[r] = [a / self.rows[r][e] for a in self.rows[r]]
        for k, other in enumerate(self.rows):
            if k != r and other[e] != 0:
                self.rows[k] = [a - other[e] * b for a, b in zip(other, row)]
        self.basis[r] = e

    def minimise(self, cost, allowed):
        """The optimum, or None without bound."""
        while True:
            price = [cost[b] for b in self.basis]
            entering = next((j for j in range(allowed) if j not in self.basis and
                             cost[j] < sum(p * row[j] for p, row in zip(price, self.rows) if p != 0)), None)
            if entering is None:
                return sum(p * row[-1] for p, row in zip(price, self.rows))
            ratios = [(row[-1] / row[entering], self.basis[r], r) for r, row in enumerate(self.rows) if row[entering] > 0]
            if not ratios:
                return None
            self.pivot(min(ratios)[2], entering)

    def solve(self):
        """(status, optimum or None)"""
        artificial = len(self.rows)
        if self.minimise([Fraction(0)] * self.columns + [Fraction(1)] * artificial, self.columns) != 0:
            return "infeasible", None
        for r, row in enumerate(self.rows):
            if self.basis[r] >= self.columns:  # at zero; a row without entries says nothing
                entering = next((j for j in range(self.columns) if row[j] != 0), None)
                if entering is not None:
                    self.pivot(r, entering)
        rest = [Fraction(0)] * (self.columns - len(self.cost) + artificial)
        optimum = self.minimise(self.cost + rest, self.columns)
        return ("unbounded", None) if optimum is None else ("optimal", optimum)


def technology(units, o, returns, special, rhs_only=None):
    """Rows of X lambda <= x_o, Y lambda >= y_o, the special column with the coefficients given, returns to scale."""
    inputs, goods = units
    rows = []
    for i, values in enumerate(inputs):
        rows.append((values + [special(i, True)], "<", 0 if rhs_only == "goods" else values[o]))
    for r, values in enumerate(goods):
        rows.append((values + [special(r, False)], ">", 0 if rhs_only == "inputs" else values[o]))
    if returns != "crs":
        rows.append(([1] * len(inputs[0]) + [0], {"vrs": "=", "nirs": "<", "ndrs": ">"}[returns], 1))
    return rows


def radial(units, o, orientation, returns):
    inputs, goods = units
    none = [0] * len(inputs[0])
    if orientation == "input":
        rows = technology(units, o, returns, lambda i, is_input: -inputs[i][o] if is_input else 0, "goods")
        return Tableau([*none, 1], rows).solve()
    rows = technology(units, o, returns, lambda r, is_input: 0 if is_input else -goods[r][o], "inputs")
    status, value = Tableau([*none, -1], rows).solve()
    return status, None if value is None else -value


def directional(units, o, returns):
    """Along the unit's own goods."""
    none = [0] * len(units[0][0])
    rows = technology(units, o, returns, lambda r, is_input: 0 if is_input else -units[1][r][o])
    status, value = Tableau([*none, -1], rows).solve()
    return status, None if value is None else -value


def slacks_based(units, o, returns):
    """Input-oriented: 1 - mean of s / x_o."""
    inputs, goods = units
    n, m = len(inputs[0]), len(inputs)
    rows = [(values + [int(i == k) for k in range(m)], "=", values[o]) for i, values in enumerate(inputs)]
    rows += [(values + [0] * m, ">", values[o]) for values in goods]
    if returns != "crs":
        rows.append(([1] * n + [0] * m, {"vrs": "=", "nirs": "<", "ndrs": ">"}[returns], 1))
    cost = [0] * n + [-1 / (m * values[o]) for values in inputs]
    status, value = Tableau(cost, rows).solve()
    return status, None if value is None else 1 + value
