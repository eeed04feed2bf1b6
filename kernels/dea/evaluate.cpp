#include <fmt/format.h>
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dea/formulation.hpp"
#include "kernels/dea/program.hpp"
#include "kernels/error.hpp"

namespace greenfront::dea {
namespace {

/// Units whose programs share a pool of columns and warm starts. Part of the definition of the results (last
/// digits, and multipliers that are not unique), so it never depends on the number of threads.
constexpr Eigen::Index block_size = 128;
/// Most units that are solved once beforehand to find columns that all blocks begin with.
constexpr Eigen::Index sample_limit = 128;

void check_matrix(const Eigen::MatrixXd& values, const char* what, const char* set) {
    for (Eigen::Index j = 0; j < values.cols(); ++j) {
        for (Eigen::Index i = 0; i < values.rows(); ++i) {
            if (std::isfinite(values(i, j)) && values(i, j) >= 0) continue;
            throw Error(Fault::data,
                        fmt::format("{} {} of {} unit {} is {}; efficiency analysis needs finite values that "
                                    "are not negative",
                                    what, i + 1, set, j + 1, values(i, j)));
        }
    }
}

void check(const Quantities& q, const char* set) {
    if (q.Y.cols() != q.units() || (q.B.rows() > 0 && q.B.cols() != q.units())) {
        throw Error(Fault::data,
                    fmt::format("the {} units have {} columns of inputs, {} of good and {} of bad outputs",
                                set, q.units(), q.Y.cols(), q.B.cols()));
    }
    check_matrix(q.X, "input", set);
    check_matrix(q.Y, "good output", set);
    check_matrix(q.B, "bad output", set);
}

void check_weights(const Eigen::VectorXd& weights, Eigen::Index expected, const char* side) {
    if (weights.size() == 0) return;
    const bool fits = weights.size() == expected && weights.allFinite() && weights.minCoeff() >= 0;
    if (fits && std::abs(weights.sum() - 1.0) <= 1e-9) return;
    throw Error(Fault::data,
                fmt::format("weights of the {} must be {} numbers that are not negative and add up to 1",
                            side, expected));
}

void check_settings(const Quantities& evaluated, const Quantities& reference,
                    std::span<const std::int32_t> self, const Settings& settings) {
    const auto same = [](const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) { return a.rows() == b.rows(); };
    if (!same(evaluated.X, reference.X) || !same(evaluated.Y, reference.Y) ||
        !same(evaluated.B, reference.B)) {
        throw Error(Fault::data, "evaluated and reference units have different numbers of variables");
    }
    if (evaluated.X.rows() == 0 || evaluated.Y.rows() == 0) {
        throw Error(Fault::data, "efficiency analysis needs at least one input and one good output");
    }
    if (static_cast<Eigen::Index>(self.size()) != evaluated.units()) {
        throw Error(Fault::data, fmt::format("{} positions in the reference set for {} evaluated units",
                                             self.size(), evaluated.units()));
    }
    for (const std::int32_t j : self) {
        if (j < -1 || j >= reference.units()) {
            throw Error(Fault::data,
                        fmt::format("position {} in a reference set of {} units", j, reference.units()));
        }
    }
    if (settings.model == Model::radial && settings.orientation == Orientation::none) {
        throw Error(Fault::usage, "the radial model needs an orientation: input or output");
    }
    if (settings.model == Model::sbm && settings.super) {
        throw Error(Fault::usage, "super-efficiency exists for the radial model only");
    }
    check_weights(settings.input_weights, evaluated.X.rows(), "inputs");
    check_weights(settings.output_weights, evaluated.Y.rows() + evaluated.B.rows(), "outputs");
}

/// Columns of optimal bases of units spread evenly over the batch, ascending.
std::vector<std::int32_t> find_seeds(Program& program, Draft& draft, Eigen::Index k, Counters& counters) {
    std::vector<std::int32_t> seeds;
    if (k <= block_size) return seeds;
    const Eigen::Index wanted = std::min(sample_limit, k / 16 + 1);
    program.restart({});
    for (Eigen::Index s = 0; s < wanted; ++s) {
        program.solve(s * k / wanted, draft);
        program.append_basis(seeds);
        counters.pivots += draft.pivots;
        counters.pricing_passes += draft.passes;
    }
    std::sort(seeds.begin(), seeds.end());
    seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
    return seeds;
}

struct Peers {
    std::vector<std::int32_t> count, peer;
    std::vector<double> lambda;
};

Scores empty_scores(const Shape& shape, Eigen::Index k) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    Scores s;
    s.score = Eigen::VectorXd::Constant(k, nan);
    s.status.assign(static_cast<std::size_t>(k), Status::failed);
    s.unique.assign(static_cast<std::size_t>(k), std::int8_t{-1});
    s.input_slack = Eigen::MatrixXd::Constant(shape.m, k, nan);
    s.good_slack = Eigen::MatrixXd::Constant(shape.s1, k, nan);
    s.bad_slack = Eigen::MatrixXd::Constant(shape.s2, k, nan);
    s.multiplier = Eigen::MatrixXd::Constant(shape.variables() + 1, k, nan);
    return s;
}

void store(const Shape& shape, const Draft& draft, Eigen::Index o, Scores& scores, Peers& peers) {
    scores.status[static_cast<std::size_t>(o)] = draft.status;
    if (draft.status != Status::optimal) return;
    scores.score[o] = draft.score;
    scores.input_slack.col(o) = draft.slack.head(shape.m);
    scores.good_slack.col(o) = draft.slack.segment(shape.m, shape.s1);
    scores.bad_slack.col(o) = draft.slack.tail(shape.s2);
    scores.multiplier.col(o) = draft.multiplier;
    const auto at = static_cast<std::ptrdiff_t>(o * shape.rows());
    std::copy(draft.peer.begin(), draft.peer.end(), peers.peer.begin() + at);
    std::copy(draft.lambda.begin(), draft.lambda.end(), peers.lambda.begin() + at);
    peers.count[static_cast<std::size_t>(o)] = static_cast<std::int32_t>(draft.peer.size());
}

void pack_peers(const Shape& shape, const Peers& peers, Scores& scores) {
    const std::size_t k = peers.count.size();
    scores.peer_start.assign(k + 1, 0);
    for (std::size_t o = 0; o < k; ++o) scores.peer_start[o + 1] = scores.peer_start[o] + peers.count[o];
    scores.peer.reserve(static_cast<std::size_t>(scores.peer_start[k]));
    scores.lambda.reserve(static_cast<std::size_t>(scores.peer_start[k]));
    for (std::size_t o = 0; o < k; ++o) {
        const std::size_t begin = o * static_cast<std::size_t>(shape.rows());
        for (std::size_t p = begin; p < begin + static_cast<std::size_t>(peers.count[o]); ++p) {
            scores.peer.push_back(peers.peer[p]);
            scores.lambda.push_back(peers.lambda[p]);
        }
    }
}

void add(const Draft& draft, Counters& counters, Certificate& certificate) {
    counters.programs += draft.programs;
    counters.pivots += draft.pivots;
    counters.pricing_passes += draft.passes;
    counters.fallbacks += draft.rung > 0 ? 1 : 0;
    counters.zero_terms += draft.zero_terms;
    if (draft.programs == 0 || draft.status == Status::failed || draft.status == Status::unbounded) return;
    certificate.min_reduced_cost = std::min(certificate.min_reduced_cost, draft.proof.min_reduced_cost);
    certificate.primal_residual = std::max(certificate.primal_residual, draft.proof.primal_residual);
    certificate.gap = std::max(certificate.gap, draft.proof.gap);
}

struct Tally {
    Counters counters;
    Certificate certificate;
};

void add(const Tally& block, Scores& scores) {
    scores.counters.programs += block.counters.programs;
    scores.counters.pivots += block.counters.pivots;
    scores.counters.pricing_passes += block.counters.pricing_passes;
    scores.counters.fallbacks += block.counters.fallbacks;
    scores.counters.zero_terms += block.counters.zero_terms;
    Certificate& c = scores.certificate;
    c.min_reduced_cost = std::min(c.min_reduced_cost, block.certificate.min_reduced_cost);
    c.primal_residual = std::max(c.primal_residual, block.certificate.primal_residual);
    c.gap = std::max(c.gap, block.certificate.gap);
}

}  // namespace

Scores evaluate(const Quantities& evaluated, const Quantities& reference, std::span<const std::int32_t> self,
                const Settings& settings, std::span<const ColumnRange> left_out) {
    if (!left_out.empty() || (settings.model != Model::radial && settings.model != Model::sbm)) {
        throw Error(Fault::usage, "this model is not built yet");
    }
    check(evaluated, "evaluated");
    check(reference, "reference");
    check_settings(evaluated, reference, self, settings);
    const Technology technology(reference, settings.returns);
    const Shape shape(technology, settings);
    const Eigen::Index k = evaluated.units();
    Scores scores = empty_scores(shape, k);
    const auto cells = static_cast<std::size_t>(k * shape.rows());
    Peers peers{std::vector<std::int32_t>(static_cast<std::size_t>(k), 0),
                std::vector<std::int32_t>(cells, -1), std::vector<double>(cells, 0.0)};

    struct Worker {
        Program program;
        Draft draft;
    };
    tbb::enumerable_thread_specific<Worker> workers([&] {
        return Worker{Program(technology, shape, settings, evaluated, self), Draft(shape)};
    });
    Worker& first = workers.local();
    const std::vector<std::int32_t> seeds = find_seeds(first.program, first.draft, k, scores.counters);

    const Eigen::Index blocks = (k + block_size - 1) / block_size;
    std::vector<Tally> tallies(static_cast<std::size_t>(blocks));
    tbb::parallel_for(tbb::blocked_range<Eigen::Index>(0, blocks, 1), [&](const auto& range) {
        Worker& worker = workers.local();
        for (Eigen::Index b = range.begin(); b < range.end(); ++b) {
            Tally& tally = tallies[static_cast<std::size_t>(b)];
            worker.program.restart(seeds);
            for (Eigen::Index o = b * block_size; o < std::min(k, (b + 1) * block_size); ++o) {
                worker.program.solve(o, worker.draft);
                store(shape, worker.draft, o, scores, peers);
                add(worker.draft, tally.counters, tally.certificate);
            }
        }
    });
    for (const Tally& tally : tallies) add(tally, scores);
    pack_peers(shape, peers, scores);
    return scores;
}

}  // namespace greenfront::dea
