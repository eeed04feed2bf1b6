// Panels and the naive twin of support.hpp.
#include <algorithm>
#include <cmath>

#include "tests/dea/support.hpp"

namespace greenfront::dea_test {

dea::Quantities random_panel(Kind kind, Eigen::Index m, Eigen::Index s1, Eigen::Index s2, Eigen::Index n,
                             std::uint64_t seed) {
    Numbers random(seed);
    const auto draw = [&](double center) {
        switch (kind) {
            case Kind::integers:
                return 1.0 + random.below(5);
            default:
                return std::exp(center + 0.4 * random.normal());
        }
    };
    dea::Quantities q{Eigen::MatrixXd(m, n), Eigen::MatrixXd(s1, n), Eigen::MatrixXd(s2, n)};
    for (Eigen::Index j = 0; j < n; ++j) {
        const double size = kind == Kind::integers ? 0 : 0.9 * random.normal();
        for (Eigen::Index i = 0; i < m; ++i) q.X(i, j) = draw(size + 1);
        for (Eigen::Index i = 0; i < s1; ++i) q.Y(i, j) = draw(0.95 * size);
        for (Eigen::Index i = 0; i < s2; ++i) q.B(i, j) = draw(size - 1);
    }
    for (Eigen::Index j = 0; j < n; ++j) {
        if (kind == Kind::duplicates && j % 3 != 0) {  // copies, some in another size
            const double times = j % 3 == 1 ? 1.0 : 2.0;
            q.X.col(j) = times * q.X.col(j - j % 3);
            q.Y.col(j) = times * q.Y.col(j - j % 3);
            q.B.col(j) = times * q.B.col(j - j % 3);
        }
        if (kind == Kind::collinear && m > 1) q.X(1, j) = 3.0 * q.X(0, j);
        if (kind == Kind::collinear && s2 > 1) q.B(1, j) = q.B(0, j) + 0.5 * q.X(0, j);
        if (kind == Kind::zeros) {
            if (m > 1 && random.uniform() < 0.2) q.X(1, j) = 0;
            if (s2 > 0 && random.uniform() < 0.2) q.B(0, j) = 0;
        }
    }
    if (kind == Kind::scales) {
        q.X.row(0) *= 1e9;
        q.Y.row(0) *= 1e-9;
        if (s2 > 0) q.B.row(0) *= 3e7;
    }
    return q;
}

namespace {

using Real = long double;

/// Full tableau, Bland's rule: min c'z, A z = b, b >= 0, z >= 0.
struct Tableau {
    std::vector<std::vector<Real>> a;  // rows, last entry is the right-hand side
    std::vector<Real> cost;            // one a column
    std::vector<std::size_t> basis;

    std::size_t columns() const { return cost.size(); }

    void pivot(std::size_t r, std::size_t q) {
        const Real p = a[r][q];
        for (Real& v : a[r]) v /= p;
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (i == r || a[i][q] == 0) continue;
            const Real f = a[i][q];
            for (std::size_t j = 0; j < a[i].size(); ++j) a[i][j] -= f * a[r][j];
        }
        basis[r] = q;
    }
    Real reduced(const std::vector<Real>& c, std::size_t j) const {
        Real d = c[j];
        for (std::size_t i = 0; i < a.size(); ++i) d -= c[basis[i]] * a[i][j];
        return d;
    }
    /// Columns from `limit` on may not enter.
    Status run(const std::vector<Real>& c, std::size_t limit) {
        for (int done = 0; done < 20000; ++done) {
            std::size_t enter = limit;
            for (std::size_t j = 0; j < limit && enter == limit; ++j) {
                if (reduced(c, j) < -1e-12L) enter = j;
            }
            if (enter == limit) return Status::optimal;
            std::size_t leave = a.size();
            Real least = 0;
            for (std::size_t i = 0; i < a.size(); ++i) {
                if (a[i][enter] <= 1e-13L) continue;
                const Real ratio = a[i].back() / a[i][enter];
                // Ratios that differ by rounding are ties, or Bland's rule could cycle.
                const bool tie =
                    leave < a.size() && std::abs(ratio - least) <= 1e-15L * std::max<Real>(1, least);
                if (leave == a.size() || (tie ? basis[i] < basis[leave] : ratio < least)) {
                    leave = i;
                    least = leave < a.size() && tie ? std::min(least, ratio) : ratio;
                }
            }
            if (leave == a.size()) return Status::unbounded;
            pivot(leave, enter);
            for (auto& row : a) {
                if (std::abs(row.back()) < 1e-16L) row.back() = 0;
            }
        }
        return Status::failed;
    }
};

/// Rows of the textbook program, appended one after the other.
struct Builder {
    std::size_t n;
    std::vector<std::vector<Real>> rows;
    std::vector<Real> rhs;
    std::vector<Real> cost;
    explicit Builder(std::size_t columns) : n(columns), cost(columns, 0) {}
    std::vector<Real>& row(Real right) {
        rows.emplace_back(n, 0);
        rhs.push_back(right);
        return rows.back();
    }
    Status solve(Real& value) {
        const std::size_t m = rows.size();
        Tableau t;
        t.cost = cost;
        t.cost.resize(n + m, 0);
        std::vector<Real> first(n + m, 0);
        for (std::size_t i = 0; i < m; ++i) {
            Real largest = 0;
            for (const Real v : rows[i]) largest = std::max(largest, std::abs(v));
            const Real scale = (rhs[i] < 0 ? -1 : 1) / (largest > 0 ? largest : 1);
            std::vector<Real> line;
            for (const Real v : rows[i]) line.push_back(v * scale);
            line.resize(n + m, 0);
            line[n + i] = 1;
            line.push_back(rhs[i] * scale);
            t.a.push_back(line);
            t.basis.push_back(n + i);
            first[n + i] = 1;
        }
        if (t.run(first, n) != Status::optimal) return Status::failed;
        Real infeasibility = 0;
        for (std::size_t i = 0; i < m; ++i) infeasibility += t.basis[i] >= n ? t.a[i].back() : 0;
        if (infeasibility > 1e-11L) return Status::infeasible;
        for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t j = 0; j < n && t.basis[i] >= n; ++j) {
                if (std::abs(t.a[i][j]) > 1e-9L) t.pivot(i, j);
            }
        }
        const Status status = t.run(t.cost, n);
        value = 0;
        for (std::size_t i = 0; i < m; ++i) value += t.cost[t.basis[i]] * t.a[i].back();
        return status;
    }
};

}  // namespace

Naive naive_score(const dea::Quantities& e, Eigen::Index o, const dea::Quantities& ref,
                  const dea::Settings& s) {
    using dea::Model, dea::Orientation, dea::Returns;
    const Eigen::Index m = e.X.rows(), g = e.Y.rows(), k = e.B.rows(), total = m + g + k;
    const auto n = static_cast<std::size_t>(ref.units());
    const auto at = [&](const dea::Quantities& q, Eigen::Index i, Eigen::Index j) -> Real {
        return i < m ? q.X(i, j) : i < m + g ? q.Y(i - m, j) : q.B(i - m - g, j);
    };
    // Columns: lambda, slack of each variable, special (t, theta, phi), slack of returns.
    const std::size_t special = n + static_cast<std::size_t>(total), extra = special + 1;
    Builder lp(extra + 1);
    const bool fractional = s.model == Model::sbm && s.orientation == Orientation::none;
    const bool radial = s.model == Model::radial, input = s.orientation == Orientation::input;
    // Each unit's intensity is measured against its own size, to keep the tableau balanced.
    const auto size = [&](const dea::Quantities& q, Eigen::Index j) {
        if (s.returns != Returns::crs) return Real{1};
        Real largest = 0;
        for (Eigen::Index i = 0; i < total; ++i) {
            Real mean = 0;
            for (std::size_t u = 0; u < n; ++u) mean += at(ref, i, static_cast<Eigen::Index>(u));
            if (mean > 0) largest = std::max(largest, at(q, i, j) / mean);
        }
        return largest > 0 ? largest : Real{1};
    };
    std::vector<Real> unit_size(n);
    for (std::size_t j = 0; j < n; ++j) unit_size[j] = size(ref, static_cast<Eigen::Index>(j));
    const Real own_size = size(e, o);
    for (Eigen::Index i = 0; i < total; ++i) {
        const bool is_input = i < m, good = i >= m && i < m + g;
        const Real v = at(e, i, o);
        const bool moves = fractional || (radial && (input ? is_input : good));
        auto& row = lp.row(moves ? 0 : v);
        for (std::size_t j = 0; j < n; ++j)
            row[j] = at(ref, i, static_cast<Eigen::Index>(j)) * own_size / unit_size[j];
        const std::size_t slack = n + static_cast<std::size_t>(i);
        // The slack is measured in the unit's own value, where there is one.
        row[slack] = (good ? -1 : 1) * (v > 0 ? v : Real{1});
        if (moves) row[special] = -v;
        if (s.model == Model::sbm && s.orientation == Orientation::input && is_input && v > 0)
            lp.cost[slack] = -Real{1} / m;
        if (s.model == Model::sbm && s.orientation == Orientation::output && !is_input) {
            if (v > 0) lp.cost[slack] = -Real{1} / (g + k);
            if (v <= 0 && good && !s.drop_zero_outputs) return {Status::undefined, 0};
        }
        if (fractional && is_input && v > 0) lp.cost[slack] = -Real{1} / m;
        if (fractional && v <= 0 && good && !s.drop_zero_outputs) return {Status::undefined, 0};
    }
    if (s.returns != Returns::crs) {
        auto& row = lp.row(fractional ? 0 : 1);
        for (std::size_t j = 0; j < n; ++j) row[j] = 1;
        if (fractional) row[special] = -1;
        if (s.returns == Returns::nirs) row[extra] = 1;
        if (s.returns == Returns::ndrs) row[extra] = -1;
    }
    if (fractional) {
        auto& row = lp.row(1);
        row[special] = 1;
        for (Eigen::Index i = m; i < total; ++i) {
            if (at(e, i, o) > 0) row[n + static_cast<std::size_t>(i)] = Real{1} / (g + k);
        }
        lp.cost[special] = 1;
    }
    if (radial) lp.cost[special] = input ? 1 : -1;
    Real value = 0;
    const Status status = lp.solve(value);
    Real score = value;
    if (radial && !input) score = -value;
    if (s.model == Model::sbm && input) score = 1 + value;
    if (s.model == Model::sbm && s.orientation == Orientation::output) score = 1 / (1 - value);
    return {status, static_cast<double>(score)};
}

}  // namespace greenfront::dea_test
