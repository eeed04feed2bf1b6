#include "engine/joint/joint_bootstrap.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <limits>

#include "kernels/parallel.hpp"
#include "kernels/resample/literal.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::joint {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// Replicates between two reports of progress. No result depends on it.
constexpr std::int64_t block_of_replicates = 64;

panel::Options clustered(panel::Options options) {
    options.variance = panel::Variance::cluster;
    options.tests.clear();
    return options;
}

/// Panel rows that the regression or a first stage uses.
std::vector<char> used_rows(const Workspace& workspace, const panel::Design& design,
                            const FirstStages& stages) {
    std::vector<char> used(workspace.panel().rows(), 0);
    for (const auto row : design.row) used[static_cast<std::size_t>(row)] = 1;
    for (const auto& name : stages.dea) {
        const auto& usable = workspace.dea.find(name)->usable;
        for (std::size_t r = 0; r < used.size(); ++r) used[r] |= usable[r];
    }
    return used;
}

}  // namespace

Chain::Chain(const Workspace& workspace, const std::string& regression, const std::string& cluster)
    : workspace_(workspace),
      words_(*workspace.study.regression.find(regression)),
      regression_(*workspace.regression.find(regression)),
      cluster_(cluster),
      stages_(first_stages(workspace.study, words_, cluster, workspace.panel())),
      options_(clustered(regression_.options)) {
    const Panel& panel = workspace.panel();
    const auto design = build_design(regression_.formula, panel, regression_.keep, {cluster});
    for (const auto& effect : design.effects)
        nested_.push_back(resample::is_nested(effect.factor, design.clusters.front()) ? 1 : 0);
    term_ = design.x_name;
    term_.insert(term_.end(), design.endogenous_name.begin(), design.endogenous_name.end());

    const panel::Factor factor = make_factor(cluster, panel);
    const auto used = used_rows(workspace, design, stages_);
    std::vector<std::vector<std::size_t>> rows(static_cast<std::size_t>(factor.levels));
    std::vector<char> lives(rows.size(), 0);
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (factor.code[r] < 0) continue;
        const auto c = static_cast<std::size_t>(factor.code[r]);
        rows[c].push_back(r);
        lives[c] |= used[r];
    }
    for (std::size_t c = 0; c < rows.size(); ++c) {
        if (lives[c] == 0) continue;
        rows_.push_back(std::move(rows[c]));
        level_.push_back(factor.level_name.empty() ? std::to_string(c) : factor.level_name[c]);
    }
}

panel::Design Chain::design_of(const ResampledPanel& resample) const {
    const auto keep = select(words_.where, resample.panel, Fault::study);
    auto design = build_design(regression_.formula, resample.panel, keep, {cluster_});
    std::vector<std::int64_t> copy;
    copy.reserve(design.row.size());
    for (const auto row : design.row) copy.push_back(resample.copy[static_cast<std::size_t>(row)]);
    resample::mark_copies(design, copy, nested_);
    return design;
}

Replicate Chain::estimate(const std::vector<std::int32_t>& count) const {
    Replicate result;
    const auto terms = static_cast<Eigen::Index>(term_.size());
    result.beta = result.std_error = Eigen::VectorXd::Constant(terms, nan);
    try {
        auto resample = resample_panel(workspace_.panel(), stages_.column, rows_, count);
        FirstStageWork work = estimate_first_stages(workspace_, stages_, resample);
        result.programs = work.programs;
        if (work.failed > 0) {
            result.status = Status::failed;
            result.failures = std::move(work.failures);
            return result;
        }
        if (!resample::estimate(design_of(resample), options_, result.beta, result.std_error)) {
            result.status = Status::undefined;
            result.problem = "the regression has no estimate in these rows";
        }
    } catch (const Error& error) {
        // These rows carry no estimate of a first stage; a fault of the study would have stopped the run.
        if (error.fault() != Fault::data) throw;
        result.status = Status::undefined;
        result.problem = error.what();
    }
    return result;
}

namespace {

/// The full sample, and the places of its terms among the chain's.
std::vector<Eigen::Index> full_sample(const Chain& chain, resample::PairsDraws& draws) {
    const Replicate all =
        chain.estimate(std::vector<std::int32_t>(static_cast<std::size_t>(chain.clusters()), 1));
    if (all.status != Status::optimal) {
        throw Error(Fault::data, fmt::format("the full sample has no estimate: {}",
                                             all.problem.empty() ? "a program of a first stage could not be "
                                                                   "certified"
                                                                 : all.problem));
    }
    std::vector<Eigen::Index> kept;
    for (Eigen::Index k = 0; k < all.beta.size(); ++k) {
        if (std::isnan(all.beta[k])) continue;
        kept.push_back(k);
        draws.term.push_back(chain.terms()[static_cast<std::size_t>(k)]);
    }
    draws.estimate = all.beta(kept);
    draws.std_error = all.std_error(kept);
    return kept;
}

}  // namespace

JointDraws joint_bootstrap(const Chain& chain, const resample::PairsOptions& pairs,
                           const std::function<void(std::int64_t)>& advance) {
    if (chain.clusters() < 2) {
        throw Error(Fault::data, fmt::format("there are {} clusters; a bootstrap draws from two or more",
                                             chain.clusters()));
    }
    JointDraws result;
    auto& draws = result.draws;
    const auto kept = full_sample(chain, draws);
    const auto terms = static_cast<Eigen::Index>(kept.size());
    draws.estimator = chain.estimator();
    draws.clusters = chain.clusters();
    draws.level = chain.cluster_names();
    draws.draw.resize(terms, pairs.replicates);
    draws.draw_std_error.resize(terms, pairs.replicates);
    draws.status.resize(static_cast<std::size_t>(pairs.replicates));
    std::vector<Replicate> block(static_cast<std::size_t>(block_of_replicates));
    for (std::int64_t first = 0; first < pairs.replicates; first += block_of_replicates) {
        const std::int64_t size = std::min(block_of_replicates, pairs.replicates - first);
        every_index(size, [&](std::int64_t i) {
            // Programs run in parallel, too; who waits for them must not begin another replicate on its
            // stack.
            oneapi::tbb::this_task_arena::isolate([&] {
                block[static_cast<std::size_t>(i)] =
                    chain.estimate(resample::cluster_counts(chain.clusters(), pairs, first + i));
            });
        });
        for (std::int64_t i = 0; i < size; ++i) {
            Replicate& replicate = block[static_cast<std::size_t>(i)];
            for (FailedUnit& failed : replicate.failures) {
                if (result.failures.size() == most_failures) break;
                failed.replicate = first + i;
                result.failures.push_back(std::move(failed));
            }
            draws.draw.col(first + i) = replicate.beta(kept);
            draws.draw_std_error.col(first + i) = replicate.std_error(kept);
            draws.status[static_cast<std::size_t>(first + i)] = replicate.status;
            draws.incomplete += draws.draw.col(first + i).hasNaN() ? 1 : 0;
            result.programs += replicate.programs;
            auto& known = result.problems;
            if (!replicate.problem.empty() &&
                std::find(known.begin(), known.end(), replicate.problem) == known.end())
                known.push_back(replicate.problem);
        }
        advance(size);
    }
    return result;
}

}  // namespace greenfront::joint
