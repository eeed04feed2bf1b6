// Both algorithms of Simar and Wilson (2007) written out from kernels/dea/two_stage.hpp: scores against
// pseudo-points as they are defined, no rays, no shared starts.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "kernels/dea/gather.hpp"
#include "kernels/dea/two_stage.hpp"
#include "kernels/error.hpp"
#include "kernels/limited/limited.hpp"
#include "kernels/rng/philox.hpp"

using namespace greenfront;
using dea::Orientation;
using dea::Quantities;
using dea::TwoStage;
using dea::TwoStageData;
using dea::TwoStageSettings;

namespace {

/// Two inputs, one output; technologies of 17 and 23 units, the second with more output from the same.
TwoStageData two_technologies() {
    rng::Stream random(3, 79, 0);
    TwoStageData data;
    data.names = {"z1", "z2"};
    data.Z.resize(40, 2);
    Eigen::Index row = 0;
    for (const Eigen::Index n : {17, 23}) {
        Quantities q{Eigen::MatrixXd(2, n), Eigen::MatrixXd(1, n), Eigen::MatrixXd(0, n)};
        for (Eigen::Index j = 0; j < n; ++j, ++row) {
            for (Eigen::Index c = 0; c < 2; ++c) data.Z(row, c) = random.normal();
            for (Eigen::Index i = 0; i < 2; ++i) q.X(i, j) = std::exp(0.5 * random.normal());
            const double loss =
                std::abs(0.4 + 0.2 * data.Z(row, 0) - 0.1 * data.Z(row, 1) + 0.2 * random.normal());
            q.Y(0, j) = static_cast<double>(n) * std::sqrt(q.X(0, j) * q.X(1, j)) * std::exp(-loss);
        }
        data.technologies.push_back(q);
    }
    return data;
}

dea::Settings radial(Orientation orientation) {
    dea::Settings s;
    s.model = dea::Model::radial;
    s.orientation = orientation;
    s.returns = dea::Returns::vrs;
    return s;
}

/// delta >= 1 of every unit against the points of its own technology.
std::vector<double> deltas(const TwoStageData& data, const std::vector<Quantities>& points,
                           Orientation orientation) {
    std::vector<double> all;
    for (std::size_t t = 0; t < points.size(); ++t) {
        const std::vector<std::int32_t> outside(static_cast<std::size_t>(points[t].units()), -1);
        const dea::Scores scores =
            dea::evaluate(data.technologies[t], points[t], outside, radial(orientation));
        for (const double s : scores.score) all.push_back(orientation == Orientation::input ? 1 / s : s);
    }
    return all;
}

limited::Fit truncated_fit(const TwoStageData& data, const std::vector<double>& delta, double above) {
    std::vector<Eigen::Index> rows;
    for (std::size_t i = 0; i < delta.size(); ++i) {
        if (delta[i] > above) rows.push_back(static_cast<Eigen::Index>(i));
    }
    panel::Design design;
    design.y_name = "delta";
    design.x_name = data.names;
    design.X = data.Z(rows, Eigen::all);
    design.y.resize(static_cast<Eigen::Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i)
        design.y[static_cast<Eigen::Index>(i)] = delta[static_cast<std::size_t>(rows[i])];
    design.row.assign(rows.begin(), rows.end());
    design.n_read = design.y.size();
    limited::Settings settings;
    settings.model = limited::Model::truncated;
    settings.lower = 1;
    return limited::fit(design, settings);
}

double normal_above(double a, rng::Stream& stream) {
    const double rate = (a + std::sqrt(a * a + 4)) / 2;
    while (true) {
        double v = 0;
        if (a <= 0.5) {
            v = stream.normal();
            if (v > a) return v;
            continue;
        }
        v = a - std::log(stream.uniform()) / rate;
        if (stream.uniform() <= std::exp(-(v - rate) * (v - rate) / 2) && v > a) return v;
    }
}

/// One replicate's delta^ of all units: pseudo-points drawn from the fit, in the order of the units.
std::vector<double> replicate(const TwoStageData& data, const std::vector<double>& delta,
                              const limited::Fit& fit, Orientation orientation, rng::Stream stream) {
    std::vector<Quantities> points = data.technologies;
    std::size_t i = 0;
    for (Quantities& q : points) {
        for (Eigen::Index j = 0; j < q.units(); ++j, ++i) {
            const auto z = data.Z.row(static_cast<Eigen::Index>(i));
            const double mu =
                z[0] * fit.terms[0].estimate + z[1] * fit.terms[1].estimate + fit.terms[2].estimate;
            const double sigma = fit.sigma.estimate,
                         star = mu + sigma * normal_above((1 - mu) / sigma, stream);
            if (orientation == Orientation::input)
                q.X.col(j) *= star / delta[i];
            else
                q.Y.col(j) *= delta[i] / star;
        }
    }
    return deltas(data, points, orientation);
}

void check_terms(const TwoStage& found, const limited::Fit& fit) {
    REQUIRE(found.terms.size() == 4);
    for (std::size_t j = 0; j < 3; ++j) {
        CAPTURE(found.terms[j].name);
        CHECK(found.terms[j].estimate == doctest::Approx(fit.terms[j].estimate).epsilon(1e-8));
    }
    CHECK(found.terms[3].name == "sigma");
    CHECK(found.terms[3].estimate == doctest::Approx(fit.sigma.estimate).epsilon(1e-8));
}

}  // namespace

TEST_CASE("two stages, algorithm 1: the truncated regression of the units beyond one") {
    const TwoStageData data = two_technologies();
    for (const Orientation orientation : {Orientation::input, Orientation::output}) {
        TwoStageSettings s;
        s.algorithm = 1;
        s.orientation = orientation;
        s.returns = dea::Returns::vrs;
        s.replicates = 20;
        const TwoStage found = dea::two_stage(data, s);
        const std::vector<double> delta = deltas(data, data.technologies, orientation);
        std::int64_t beyond = 0;
        for (std::size_t i = 0; i < delta.size(); ++i) {
            CHECK(found.delta[i] == doctest::Approx(delta[i]).epsilon(1e-9));
            CHECK(std::isnan(found.corrected[i]));
            beyond += delta[i] > 1 + 1e-8 ? 1 : 0;
        }
        CHECK(found.used == beyond);
        CHECK(found.at_one == 40 - beyond);
        CHECK(found.at_one > 0);
        check_terms(found, truncated_fit(data, delta, 1 + 1e-8));
    }
}

TEST_CASE("two stages, algorithm 2: each replicate's pseudo-points, technology by technology") {
    const TwoStageData data = two_technologies();
    constexpr std::int64_t replicates = 7;
    for (const Orientation orientation : {Orientation::input, Orientation::output}) {
        TwoStageSettings s;
        s.orientation = orientation;
        s.returns = dea::Returns::vrs;
        s.replicates_bias = replicates;
        s.replicates = 20;
        s.seed = 5;
        const TwoStage found = dea::two_stage(data, s);
        const std::vector<double> delta = deltas(data, data.technologies, orientation);
        const limited::Fit first = truncated_fit(data, delta, 1 + 1e-8);
        std::vector<double> sum(delta.size(), 0.0), corrected;
        for (std::uint64_t b = 0; b < replicates; ++b) {
            const std::vector<double> star =
                replicate(data, delta, first, orientation, rng::Stream(s.seed, rng::stage_two_stage, b, 1));
            for (std::size_t i = 0; i < star.size(); ++i) sum[i] += star[i];
        }
        for (std::size_t i = 0; i < delta.size(); ++i) {
            corrected.push_back(2 * delta[i] - sum[i] / replicates);
            CAPTURE(i);
            CHECK(found.status[i] == Status::optimal);
            CHECK(found.corrected[i] == doctest::Approx(corrected[i]).epsilon(1e-7));
        }
        CHECK(found.used == 40);
        CHECK(found.at_one == 0);
        check_terms(found, truncated_fit(data, corrected, -1e300));
    }
}
