#pragma once
#include <doctest/doctest.h>

#include <cmath>

#include "kernels/panel/sample.hpp"
#include "kernels/resample/literal.hpp"
#include "kernels/resample/resample.hpp"
#include "tests/resample/panels.hpp"

/// Replicates of the pairs bootstrap against panel::fit of their rows.
namespace test {

using namespace greenfront;

inline bool same(double a, double b, double tolerance) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return std::abs(a - b) <= tolerance * (std::abs(a) + std::abs(b) + 1e-300);
}

inline bool identical(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
    if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
    for (Eigen::Index i = 0; i < a.size(); ++i) {
        if (!(a.data()[i] == b.data()[i] || (std::isnan(a.data()[i]) && std::isnan(b.data()[i]))))
            return false;
    }
    return true;
}

inline std::vector<char> nested_in_cluster(const Design& d) {
    std::vector<char> nested;
    for (const auto& e : d.effects) {
        std::vector<std::int32_t> owner(static_cast<std::size_t>(e.factor.levels), -1);
        bool inside = true;
        for (std::size_t i = 0; i < e.factor.code.size(); ++i) {
            auto& o = owner[static_cast<std::size_t>(e.factor.code[i])];
            if (o < 0) o = d.clusters[0].code[i];
            inside = inside && o == d.clusters[0].code[i];
        }
        nested.push_back(inside ? 1 : 0);
    }
    return nested;
}

/// Stacks the rows of each resample, with fresh ids, and runs panel::fit on them.
inline void compare_with_refits(const Design& design, const panel::Options& options,
                                const resample::PairsOptions& pairs, double tolerance = 1e-10) {
    const resample::PairsDraws draws = resample::pairs_cluster(design, options, pairs);
    panel::Options clustered = options;
    clustered.variance = panel::Variance::cluster;
    const panel::Fit fit = panel::fit(design, clustered);
    const panel::Design sample = panel::prepare(design, clustered).sample;
    const auto k = static_cast<Eigen::Index>(draws.term.size());
    for (Eigen::Index j = 0; j < k; ++j) {
        CHECK(draws.term[static_cast<std::size_t>(j)] == fit.terms[static_cast<std::size_t>(j)].name);
        CHECK(draws.estimate(j) == fit.terms[static_cast<std::size_t>(j)].estimate);
        CHECK(draws.std_error(j) == fit.terms[static_cast<std::size_t>(j)].std_error);
    }
    for (std::int64_t b = 0; b < pairs.replicates; ++b) {
        const auto count = resample::cluster_counts(sample.clusters[0].levels, pairs, b);
        const Design stacked = resample::stack(sample, count, nested_in_cluster(sample));
        Eigen::VectorXd beta, std_error;
        const bool any = resample::estimate(stacked, clustered, beta, std_error);
        bool identified = any;
        for (Eigen::Index j = 0; j < k; ++j) {
            INFO("replicate " << b << ", term " << j << ": " << draws.draw(j, b) << " and " << beta(j)
                              << ", s.e. " << draws.draw_std_error(j, b) << " and " << std_error(j));
            CHECK_UNARY(same(draws.draw(j, b), beta(j), tolerance));
            CHECK_UNARY(same(draws.draw_std_error(j, b), std_error(j), tolerance));
            identified = identified && !std::isnan(beta(j));
        }
        CHECK(draws.status[static_cast<std::size_t>(b)] ==
              (identified ? Status::optimal : Status::undefined));
    }
}

inline resample::PairsOptions few(std::int64_t replicates, std::uint64_t seed = 1) {
    resample::PairsOptions pairs;
    pairs.replicates = replicates;
    pairs.seed = seed;
    return pairs;
}

}  // namespace test
