#pragma once
#include <cmath>
#include <cstdint>
#include <string>

#include "kernels/panel/regression.hpp"
#include "kernels/rng/philox.hpp"

/// What the benchmarks of resampling share: a panel of 242 units, 12 years and six regressors.
namespace greenfront::bench {

constexpr std::int32_t units = 242, years = 12, provinces = 30;
constexpr Eigen::Index regressors = 6;

struct Data {
    panel::Design design;
    panel::Factor unit, year;
    panel::Options options;
};

inline panel::FixedEffect effect(const panel::Factor& factor) {
    panel::FixedEffect result;
    result.factor = factor;
    result.slope.resize(static_cast<Eigen::Index>(factor.code.size()), 0);
    return result;
}

/// `province_year`: effects of province by year instead of years.
inline Data make_data(bool province_year) {
    Data data;
    data.options.variance = panel::Variance::cluster;
    auto& d = data.design;
    const Eigen::Index n = units * years;
    data.unit.name = "unit";
    data.unit.levels = units;
    data.year.name = "year";
    data.year.levels = years;
    panel::Factor cell{"cell", {}, provinces * years, {}};
    d.X.resize(n, regressors);
    d.y.resize(n);
    rng::Stream stream(1, 99, 0);
    for (std::int32_t g = 0; g < units; ++g) {
        const double own = stream.normal();
        for (std::int32_t t = 0; t < years; ++t) {
            const Eigen::Index i = g * years + t;
            data.unit.code.push_back(g);
            data.year.code.push_back(t);
            cell.code.push_back(g % provinces * years + t);
            for (Eigen::Index j = 0; j < regressors; ++j) d.X(i, j) = own + 0.1 * t + stream.normal();
            d.y(i) = own + 0.3 * d.X(i, 0) + stream.normal();
            d.row.push_back(i);
        }
    }
    d.y_name = "y";
    for (Eigen::Index j = 0; j < regressors; ++j) d.x_name.push_back("x" + std::to_string(j));
    d.effects = {effect(data.unit), effect(province_year ? cell : data.year)};
    d.clusters = {data.unit};
    d.n_read = n;
    return data;
}

inline bool close(double a, double b) {
    return std::abs(a - b) <= 1e-9 * (std::abs(a) + std::abs(b));
}

}  // namespace greenfront::bench
