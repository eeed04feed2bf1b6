#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "bench/dea/panels.hpp"
#include "bench/dea/proved.hpp"
#include "bench/scaling/work.hpp"
#include "kernels/dea/smoothed_bootstrap.hpp"

namespace greenfront::bench {
namespace {

constexpr double hair = 1e-9;

bool certified(const dea::Certificate& c) {
    return c.min_reduced_cost >= -hair && c.primal_residual <= hair && c.gap <= hair;
}

dea::Settings settings_of(const std::string& model) {
    using enum dea::Returns;
    if (model == "radial_crs") return make_settings(dea::Model::radial, crs);
    if (model == "radial_vrs") return make_settings(dea::Model::radial, vrs);
    if (model == "sbm_crs") return make_settings(dea::Model::sbm, crs);
    if (model == "sbm_vrs") return make_settings(dea::Model::sbm, vrs);
    throw std::invalid_argument("no model " + model);
}

void count(const dea::Counters& counters, Work& work) {
    work.facts["programs"] = static_cast<double>(counters.programs);
    work.facts["pivots"] = static_cast<double>(counters.pivots);
    work.facts["passes"] = static_cast<double>(counters.pricing_passes);
    work.facts["frame"] = static_cast<double>(counters.frame);
    work.facts["fallbacks"] = static_cast<double>(counters.fallbacks);
}

struct Efficiency {
    dea::Quantities q;
    std::vector<std::int32_t> self;
    dea::Settings settings;
    dea::Scores scores;

    /// Every certificate, and a hundred or so scores from the data alone.
    [[nodiscard]] std::string check() const {
        if (!certified(scores.certificate)) return "a certificate does not hold";
        const dea::Checker checker(q, q, settings);
        const Eigen::Index step = std::max<Eigen::Index>(1, q.units() / 101);
        for (Eigen::Index o = 0; o < q.units(); ++o) {
            if (scores.status[static_cast<std::size_t>(o)] != Status::optimal) return "a unit has no score";
            if (o % step == 0 && !proved(checker, scores, o))
                return "a score is not proved by its multipliers and peers";
        }
        return {};
    }
};

struct Bootstrap {
    dea::Quantities q;
    dea::BootstrapSettings settings;
    dea::BootstrapScores scores;

    /// Replicates stay inside the technology, and corrections are what the replicates say.
    [[nodiscard]] std::string check() const {
        if (!certified(scores.certificate)) return "a certificate does not hold";
        if (scores.replicate.cols() != settings.replicates) return "replicates are missing";
        for (std::size_t i = 0; i < scores.score.size(); ++i) {
            const auto draws = scores.replicate.row(static_cast<Eigen::Index>(i));
            if (scores.status[i] != Status::optimal) return "a unit has no score";
            if (!(draws.minCoeff() >= scores.score[i] - hair))
                return "a replicate lies beyond the technology";
            const double corrected = 2 / scores.score[i] - draws.cwiseInverse().mean();
            if (!(std::abs(1 / scores.corrected[i] - corrected) <= 1e-8))
                return "a corrected score is not what its replicates say";
        }
        return {};
    }
};

}  // namespace

std::unique_ptr<Work> efficiency(const std::string& model, std::int64_t units) {
    const auto it = std::make_shared<Efficiency>();
    it->q = scale_panel(units);
    it->self = themselves(it->q);
    it->settings = settings_of(model);
    auto work = std::make_unique<Work>();
    work->run = [it] { it->scores = dea::evaluate(it->q, it->q, it->self, it->settings); };
    work->check = [it, w = work.get()] {
        count(it->scores.counters, *w);
        const bool constant = it->settings.returns == dea::Returns::crs;
        w->facts["rows"] = static_cast<double>(it->q.X.rows() + it->q.Y.rows() + (constant ? 0 : 1));
        return it->check();
    };
    work->spoil = [it] { it->scores.score[0] += 1e-6; };
    return work;
}

std::unique_ptr<Work> efficiency_bootstrap(std::int64_t replicates) {
    const auto it = std::make_shared<Bootstrap>();
    it->q = year(city_panel(false), 5);
    it->settings.replicates = replicates;
    auto work = std::make_unique<Work>();
    work->run = [it] { it->scores = dea::smoothed_bootstrap(it->q, it->settings); };
    work->check = [it, w = work.get()] {
        count(it->scores.counters, *w);
        return it->check();
    };
    work->spoil = [it] { it->scores.corrected[0] += 1e-6; };
    return work;
}

}  // namespace greenfront::bench
