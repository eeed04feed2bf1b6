// Designs and the naive twin of support.hpp.
#include <algorithm>
#include <cmath>
#include <map>

#include "tests/panel/support.hpp"

namespace greenfront::panel_test {

std::uint64_t Numbers::next() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}
double Numbers::uniform() {
    return (static_cast<double>(next() >> 11) + 0.5) * 0x1p-53;
}
double Numbers::normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
}
std::int32_t Numbers::below(std::int32_t n) {
    return static_cast<std::int32_t>(next() % static_cast<std::uint64_t>(n));
}

Factor factor(const std::string& name, const std::vector<std::int32_t>& code) {
    std::map<std::int32_t, std::int32_t> number;
    for (const std::int32_t c : code) number[c] = 0;
    Factor result;
    result.name = name;
    for (auto& [value, place] : number) {
        place = result.levels++;
        result.level_name.push_back(std::to_string(value));
    }
    for (const std::int32_t c : code) result.code.push_back(number[c]);
    return result;
}

FixedEffect effect(const Factor& f) {
    return {f, true, {}, Eigen::MatrixXd(static_cast<Eigen::Index>(f.code.size()), 0)};
}

Design grunfeld_design(bool firm, bool year) {
    Design design;
    const auto n = static_cast<Eigen::Index>(grunfeld::rows.size());
    design.y.resize(n);
    design.X.resize(n, 2);
    design.endogenous.resize(n, 0);
    design.instruments.resize(n, 0);
    std::vector<std::int32_t> firms, years;
    for (Eigen::Index i = 0; i < n; ++i) {
        const auto& row = grunfeld::rows[static_cast<std::size_t>(i)];
        design.y[i] = row.inv;
        design.X(i, 0) = row.value;
        design.X(i, 1) = row.capital;
        firms.push_back(row.firm);
        years.push_back(row.year);
        design.row.push_back(i);
    }
    design.formula = "inv ~ value + capital";
    design.y_name = "inv";
    design.x_name = {"value", "capital"};
    design.n_read = n;
    if (firm) design.effects.push_back(effect(factor("firm", firms)));
    if (year) design.effects.push_back(effect(factor("year", years)));
    design.clusters = {factor("firm", firms), factor("year", years)};
    return design;
}

Design random_design(std::uint64_t seed, const std::string& effects, int workers, int components,
                     bool instrument) {
    Numbers random{seed};
    std::vector<std::int32_t> worker, firm, year, market;
    std::vector<double> trend, y, x1, x2, z;
    for (std::int32_t w = 0; w < workers; ++w) {
        const std::int32_t m = w % components;
        std::int32_t job = random.below(4);
        const double talent = random.normal();
        for (std::int32_t t = 0; t < 8; ++t) {
            if (random.uniform() < 0.3) job = random.below(4);
            if (random.uniform() < 0.25) continue;
            worker.push_back(w);
            firm.push_back(10 * m + job);
            year.push_back(2000 + t);
            market.push_back(m);
            trend.push_back(t + 0.5 * random.normal());
            const double common = random.normal();
            z.push_back(random.normal());
            x1.push_back(0.5 * talent + 0.3 * t + common + 0.7 * z.back());
            x2.push_back(random.normal() + 0.2 * job + 100);
            y.push_back(talent + 0.4 * job - 0.1 * t + 1.5 * x1.back() - 0.5 * x2.back() + common +
                        (1 + 0.5 * std::abs(talent)) * random.normal());
        }
    }
    const auto n = static_cast<Eigen::Index>(y.size());
    const auto column = [n](const std::vector<double>& values) {
        return Eigen::Map<const Eigen::VectorXd>(values.data(), n);
    };
    Design design;
    design.formula = "y ~ x1 + x2";
    design.y_name = "y";
    design.x_name = {"x1", "x2"};
    design.n_read = n;
    design.y = column(y);
    design.X.resize(n, 2);
    design.X << column(x1), column(x2);
    design.endogenous.resize(n, 0);
    design.instruments.resize(n, 0);
    if (instrument) {
        design.instruments = column(z);
        design.instrument_name = {"z"};
    }
    for (const char c : effects) {
        if (c == 'w') design.effects.push_back(effect(factor("worker", worker)));
        if (c == 'f') design.effects.push_back(effect(factor("firm", firm)));
        if (c == 'y') design.effects.push_back(effect(factor("year", year)));
        if (c == 's') design.effects.push_back({factor("worker", worker), true, {"trend"}, column(trend)});
        if (c == 'S') design.effects.push_back({factor("firm", firm), false, {"trend"}, column(trend)});
    }
    design.clusters = {factor("worker", worker), factor("year", year), factor("firm", firm),
                       factor("market", market)};
    for (Eigen::Index i = 0; i < n; ++i) design.row.push_back(i);
    return design;
}

Matrix dummies(const Design& design) {
    const Eigen::Index n = design.y.size();
    if (design.effects.empty()) return Matrix::Ones(n, design.constant ? 1 : 0);
    Eigen::Index columns = 0;
    for (const auto& e : design.effects)
        columns += e.factor.levels * ((e.intercept ? 1 : 0) + e.slope.cols());
    Matrix D = Matrix::Zero(n, columns);
    Eigen::Index offset = 0;
    for (const auto& e : design.effects) {
        for (Eigen::Index j = e.intercept ? -1 : 0; j < e.slope.cols(); ++j) {
            for (Eigen::Index i = 0; i < n; ++i) {
                D(i, offset + e.factor.code[static_cast<std::size_t>(i)]) = j < 0 ? 1.0 : e.slope(i, j);
            }
            offset += e.factor.levels;
        }
    }
    return D;
}

int rank(const Matrix& D) {
    Eigen::CompleteOrthogonalDecomposition<Matrix> qr(D);
    qr.setThreshold(1e-12L);
    return static_cast<int>(qr.rank());
}

Vector solve(const Matrix& A, const Vector& b) {
    Eigen::CompleteOrthogonalDecomposition<Matrix> qr(A);
    qr.setThreshold(1e-12L);
    return qr.solve(b);
}

Twin twin(const Design& design, Variance variance) {
    const Matrix D = dummies(design), X = design.X.cast<Long>();
    const Vector y = design.y.cast<Long>();
    Eigen::CompleteOrthogonalDecomposition<Matrix> qr(D);
    qr.setThreshold(1e-12L);
    Twin t;
    t.Xt = X;
    Vector yt = y;
    if (D.cols() > 0) {
        t.Xt -= D * qr.solve(X);
        yt -= D * qr.solve(y);
    }
    t.b = solve(t.Xt, yt);
    t.residual = yt - t.Xt * t.b;
    const Matrix bread = (t.Xt.transpose() * t.Xt).inverse();
    if (variance == Variance::iid) {
        t.covariance = t.residual.squaredNorm() * bread;
        return t;
    }
    // Inclusion and exclusion of shared clusters comes to: pairs of rows that share at least one.
    Matrix meat = Matrix::Zero(X.cols(), X.cols());
    for (Eigen::Index i = 0; i < y.size(); ++i) {
        for (Eigen::Index j = 0; j < y.size(); ++j) {
            bool shared = variance == Variance::robust && i == j;
            if (variance == Variance::cluster) {
                for (const Factor& c : design.clusters) {
                    shared =
                        shared || c.code[static_cast<std::size_t>(i)] == c.code[static_cast<std::size_t>(j)];
                }
            }
            if (shared) meat += t.Xt.row(i).transpose() * t.Xt.row(j) * (t.residual[i] * t.residual[j]);
        }
    }
    t.covariance = bread * meat * bread;
    return t;
}

bool near(double a, Long b, double tolerance) {
    const bool close = std::abs(static_cast<Long>(a) - b) <= tolerance * std::max(std::abs(b), 1e-12L);
    if (!close) MESSAGE("got " << a << ", wanted " << static_cast<double>(b));
    return close;
}

}  // namespace greenfront::panel_test
