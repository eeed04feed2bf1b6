#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/rng/philox.hpp"

/// Panels for the tests of resampling: G units in P provinces over T years, k regressors.
namespace test {

using greenfront::panel::Design;
using greenfront::panel::Factor;
using greenfront::panel::FixedEffect;

struct Panel {
    Design design;
    Factor unit, time, province, cell;  // cell: province x year
};

inline Factor factor(const std::string& name, const std::vector<std::int32_t>& key) {
    Factor f;
    f.name = name;
    std::vector<std::int32_t> code;
    for (const auto k : key) {
        if (static_cast<std::size_t>(k) >= code.size()) code.resize(static_cast<std::size_t>(k) + 1, -1);
        code[static_cast<std::size_t>(k)] = 0;
    }
    for (auto& c : code) c = c == 0 ? f.levels++ : -1;
    for (const auto k : key) f.code.push_back(code[static_cast<std::size_t>(k)]);
    return f;
}

inline FixedEffect effect(const Factor& f) {
    FixedEffect e;
    e.factor = f;
    e.slope.resize(static_cast<Eigen::Index>(f.code.size()), 0);
    return e;
}

/// `missing`: share of rows left out. Columns share unit, year and province parts and are correlated.
inline Panel make_panel(int G, int T, int P, int k, double missing, std::uint64_t seed) {
    using greenfront::rng::Stream;
    Stream u(seed, 77, 0);
    Eigen::MatrixXd unit_part(G, k + 1), year_part(T, k + 1), cell_part(P * T, k + 1);
    for (auto* part : {&unit_part, &year_part, &cell_part}) {
        for (auto& v : part->reshaped()) v = u.normal();
    }
    std::vector<std::int32_t> unit, time, province, cell;
    std::vector<Eigen::VectorXd> rows;
    for (int g = 0; g < G; ++g) {
        for (int t = 0; t < T; ++t) {
            Eigen::VectorXd row(k + 1);
            const int p = g % P;
            for (int j = 0; j <= k; ++j) {
                row(j) = 3 * unit_part(g, j) + year_part(t, j) + cell_part(p * T + t, j) + u.normal();
                if (j > 0) row(j) += 0.5 * row(j - 1);
            }
            if (u.uniform() < missing) continue;
            unit.push_back(g);
            time.push_back(t);
            province.push_back(p);
            cell.push_back(p * T + t);
            rows.push_back(row);
        }
    }
    Panel result;
    const auto n = static_cast<Eigen::Index>(rows.size());
    result.unit = factor("unit", unit);
    result.time = factor("time", time);
    result.province = factor("province", province);
    result.cell = factor("cell", cell);
    Design& d = result.design;
    d.formula = "y ~ x";
    d.y_name = "y";
    d.X.resize(n, k);
    d.y.resize(n);
    for (Eigen::Index i = 0; i < n; ++i) {
        d.X.row(i) = rows[static_cast<std::size_t>(i)].head(k).transpose();
        d.y(i) = rows[static_cast<std::size_t>(i)](k) + 0.3 * d.X(i, 0);
    }
    for (int j = 0; j < k; ++j) d.x_name.push_back("x" + std::to_string(j + 1));
    d.row.resize(rows.size());
    std::iota(d.row.begin(), d.row.end(), std::int64_t{0});
    d.n_read = n;
    d.clusters = {result.unit};
    return result;
}

}  // namespace test
