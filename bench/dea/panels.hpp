#pragma once
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "kernels/dea/dea.hpp"

/// Synthetic panels of the efficiency benchmarks. Seeds are fixed and the generator is this file's own, so
/// that the work stays the same when the program's generators change.
namespace greenfront::bench {

constexpr Eigen::Index cities = 242, years = 12;

/// splitmix64 and Box-Muller.
class Numbers {
  public:
    explicit Numbers(std::uint64_t seed) : state_(seed) {}
    double uniform() {
        state_ += 0x9E3779B97F4A7C15ull;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
    }
    double normal() {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        return radius * std::cos(6.283185307179586 * uniform());
    }

  private:
    std::uint64_t state_;
};

/// Lognormal city panel of 2904 unit-years, sorted by city, then year: three inputs (capital, labour,
/// energy), one good output and, with `bads`, two bad ones (CO2, SO2).
inline dea::Quantities city_panel(bool bads) {
    Numbers z(20260101);
    const Eigen::Index n = cities * years;
    dea::Quantities q{Eigen::MatrixXd(3, n), Eigen::MatrixXd(1, n), Eigen::MatrixXd(bads ? 2 : 0, n)};
    for (Eigen::Index c = 0; c < cities; ++c) {
        const double s = 0.9 * z.normal(), h = 0.15 * z.normal(), city = std::abs(0.30 * z.normal());
        for (Eigen::Index y = 0; y < years; ++y) {
            const auto t = static_cast<double>(y);
            const Eigen::Index j = c * years + y;
            const double capital = std::exp(8 + s + .06 * t + .35 * z.normal());
            const double labour = std::exp(4 + .9 * s + .01 * t + .30 * z.normal());
            const double energy = std::exp(6.5 + .95 * s + .03 * t + h + .35 * z.normal());
            const double u = city + std::abs(.15 * z.normal());
            q.X.col(j) << capital, labour, energy;
            q.Y(0, j) = std::exp(1 + .03 * t - u) * std::pow(capital, .40) * std::pow(labour, .35) *
                        std::pow(energy, .25);
            const double co2 = 2.4 * std::pow(energy, .97) * std::exp(.5 * h + std::abs(.30 * z.normal()));
            const double so2 = 90 * std::pow(energy, .90) * std::exp(-.08 * t + std::abs(.50 * z.normal()));
            if (bads) q.B.col(j) << co2, so2;
        }
    }
    return q;
}

/// One year of the city panel: 242 units.
inline dea::Quantities year(const dea::Quantities& q, Eigen::Index y) {
    dea::Quantities part{Eigen::MatrixXd(3, cities), Eigen::MatrixXd(1, cities),
                         Eigen::MatrixXd(q.B.rows(), cities)};
    for (Eigen::Index c = 0; c < cities; ++c) {
        part.X.col(c) = q.X.col(c * years + y);
        part.Y.col(c) = q.Y.col(c * years + y);
        part.B.col(c) = q.B.col(c * years + y);
    }
    return part;
}

/// `n` units with a large frontier: three inputs uniform on 10..20, three good outputs whose mix is
/// (|N(0,1)| + .05)^3 normalised to length 1, of the size (geometric mean of the inputs)^.9 exp(-|N(0,.25)|).
inline dea::Quantities scale_panel(Eigen::Index n) {
    Numbers z(20260102);
    dea::Quantities q{Eigen::MatrixXd(3, n), Eigen::MatrixXd(3, n), Eigen::MatrixXd(0, n)};
    for (Eigen::Index j = 0; j < n; ++j) {
        double log_inputs = 0;
        for (Eigen::Index i = 0; i < 3; ++i) {
            q.X(i, j) = 10 + 10 * z.uniform();
            log_inputs += std::log(q.X(i, j));
        }
        for (Eigen::Index r = 0; r < 3; ++r) q.Y(r, j) = std::pow(std::abs(z.normal()) + .05, 3);
        q.Y.col(j) *= std::exp(.3 * log_inputs - std::abs(.25 * z.normal())) / q.Y.col(j).norm();
    }
    return q;
}

/// Positions of units that are their own reference set.
inline std::vector<std::int32_t> themselves(const dea::Quantities& q) {
    std::vector<std::int32_t> self(static_cast<std::size_t>(q.units()));
    std::iota(self.begin(), self.end(), 0);
    return self;
}

inline dea::Settings make_settings(dea::Model model, dea::Returns returns) {
    dea::Settings s;
    s.model = model;
    s.orientation = model == dea::Model::radial ? dea::Orientation::input : dea::Orientation::none;
    s.returns = returns;
    return s;
}

}  // namespace greenfront::bench
