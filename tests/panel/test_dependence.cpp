#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "kernels/error.hpp"
#include "kernels/panel/dependence.hpp"

using namespace greenfront;
using panel::Factor;

namespace {

/// Rows of units in periods, some missing, in no order; the periods' codes are not in the order of time.
struct Rows {
    Factor unit{"city", {}, 12, {}}, period{"year", {}, 5, {}};
    std::vector<std::int64_t> time{2015, 2011, 2012, 2018, 2014};  // 2013, 2016 and 2017 are gaps
    Eigen::MatrixXd psi, place;

    explicit Rows(unsigned seed) {
        std::mt19937 random(seed);
        std::vector<std::pair<int, int>> cells;
        for (int i = 0; i < unit.levels; ++i) {
            for (int t = 0; t < period.levels; ++t) {
                if (random() % 6 != 0) cells.emplace_back(i, t);
            }
        }
        std::shuffle(cells.begin(), cells.end(), random);
        psi.resize(static_cast<Eigen::Index>(cells.size()), 3);
        place.resize(psi.rows(), 2);
        std::normal_distribution<double> normal;
        for (Eigen::Index r = 0; r < psi.rows(); ++r) {
            const auto [i, t] = cells[static_cast<std::size_t>(r)];
            unit.code.push_back(i);
            period.code.push_back(t);
            for (Eigen::Index k = 0; k < psi.cols(); ++k) psi(r, k) = normal(random);
            // Two units share a place; the others lie up to some hundred kilometres apart, more in longitude.
            place.row(r) << 30 + i / 2 % 3, 110 + 1.3 * (i / 2);
        }
    }

    [[nodiscard]] std::int64_t when(Eigen::Index row) const {
        return time[static_cast<std::size_t>(period.code[static_cast<std::size_t>(row)])];
    }
    [[nodiscard]] bool same_unit(Eigen::Index a, Eigen::Index b) const {
        return unit.code[static_cast<std::size_t>(a)] == unit.code[static_cast<std::size_t>(b)];
    }
};

/// sum over all pairs of rows, each both ways, of weight(a, b) psi_a psi_b'.
template <class Weight>
Eigen::MatrixXd over_pairs(const Eigen::MatrixXd& psi, const Weight& weight) {
    Eigen::MatrixXd S = Eigen::MatrixXd::Zero(psi.cols(), psi.cols());
    for (Eigen::Index a = 0; a < psi.rows(); ++a) {
        for (Eigen::Index b = 0; b < psi.rows(); ++b) S += weight(a, b) * psi.row(a).transpose() * psi.row(b);
    }
    return S;
}

double bartlett(std::int64_t apart, std::int64_t lags) {
    return std::max(0.0, 1 - static_cast<double>(std::abs(apart)) / static_cast<double>(lags + 1));
}

/// The angle between two directions, by their vectors instead of haversines.
double distance(const Eigen::MatrixXd& place, Eigen::Index a, Eigen::Index b) {
    const auto direction = [&](Eigen::Index r) {
        const double latitude = place(r, 0) * std::numbers::pi / 180,
                     longitude = place(r, 1) * std::numbers::pi / 180;
        return Eigen::Vector3d(std::cos(latitude) * std::cos(longitude),
                               std::cos(latitude) * std::sin(longitude), std::sin(latitude));
    };
    const Eigen::Vector3d from = direction(a), to = direction(b);
    return panel::earth_radius_km * std::atan2(from.cross(to).norm(), from.dot(to));
}

}  // namespace

TEST_CASE("dependence over time is the sum over all pairs of rows with Bartlett's weights") {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        const Rows rows(seed);
        for (const std::int64_t lags : {0, 1, 2, 4, 9}) {
            CAPTURE(lags);
            const auto dk = panel::driscoll_kraay(rows.psi, rows.period, rows.time, lags);
            CHECK(dk.isApprox(
                over_pairs(rows.psi,
                           [&](auto a, auto b) { return bartlett(rows.when(a) - rows.when(b), lags); }),
                1e-12));
            const auto nw = panel::newey_west(rows.psi, rows.unit, rows.period, rows.time, lags);
            CHECK(nw.isApprox(over_pairs(rows.psi,
                                         [&](auto a, auto b) {
                                             return rows.same_unit(a, b)
                                                        ? bartlett(rows.when(a) - rows.when(b), lags)
                                                        : 0.0;
                                         }),
                              1e-12));
        }
    }
}

TEST_CASE("Newey-West refuses a unit that has a period twice") {
    Rows rows(1);
    rows.unit.code[1] = rows.unit.code[0];
    rows.period.code[1] = rows.period.code[0];
    CHECK_THROWS_AS((void)panel::newey_west(rows.psi, rows.unit, rows.period, rows.time, 1), Error);
}

TEST_CASE("dependence over space is the sum over all pairs of a period within the radius") {
    const Rows rows(4);
    const Factor no_periods{"", {}, 0, {}};
    for (const double radius : {0.0, 1.0, 130.0, 170.0, 250.0, 400.0, 1e5}) {
        CAPTURE(radius);
        for (const Factor* period : {&rows.period, &no_periods}) {
            std::int64_t neighbours = 0;
            const Eigen::MatrixXd S = over_pairs(rows.psi, [&](auto a, auto b) {
                const bool near = (period->levels == 0 || rows.when(a) == rows.when(b)) &&
                                  distance(rows.place, a, b) <= radius + 1e-6 * (radius > 0);
                neighbours += near && a < b ? 1 : 0;
                return near ? 1.0 : 0.0;
            });
            const auto result = panel::conley(rows.psi, *period, rows.place, radius);
            CHECK(result.S.isApprox(S, 1e-12));
            CHECK(result.neighbours == neighbours);
        }
    }
}

TEST_CASE("distances on the sphere") {
    const double quarter = panel::earth_radius_km * std::numbers::pi / 2;
    CHECK(panel::great_circle_km(0, 0, 0, 90) == doctest::Approx(quarter));
    CHECK(panel::great_circle_km(-90, 17, 0, 120) == doctest::Approx(quarter));
    CHECK(panel::great_circle_km(0, -180, 0, 180) == doctest::Approx(0).epsilon(1e-9));
    CHECK(panel::great_circle_km(30, 0, -30, 180) == doctest::Approx(2 * quarter));
    // Beijing to Shanghai.
    CHECK(panel::great_circle_km(39.9042, 116.4074, 31.2304, 121.4737) ==
          doctest::Approx(1067).epsilon(0.002));
}
