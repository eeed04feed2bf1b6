#include "tests/dea/torture/judge.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cmath>

#include "kernels/dea/facet_scores.hpp"

namespace greenfront::torture {
namespace {

constexpr std::size_t most_examples = 100, most_proofs = 2;
/// Answers of the arbiter with larger violations prove nothing.
constexpr double certain = 1e-15;
/// A unit that is outside the technology by no more than this may count as inside.
constexpr double feasible_within = 1e-8;
/// A super-efficiency whose reciprocal is rounding beside 1 cannot be told from none.
constexpr double beyond_digits = 1e15;
/// Differences above this go before the arbiter, to learn who is nearer.
constexpr double worth_asking = 1e-10;

double difference(double a, double b) {
    return std::abs(a - b) / std::max(1.0, std::abs(b));
}

bool agree(const Answer& a, const Answer& b, double allowed) {
    if (a.status != b.status) return false;
    // Written so that a NaN agrees with nothing.
    return a.status != Status::optimal || difference(a.score, b.score) <= allowed;
}

std::string text(const Answer& a) {
    return a.status == Status::optimal ? fmt::format("{:.17g}", a.score) : std::string(name(a.status));
}

class Judge {
  public:
    Judge(const Batch& batch, bool verbose)
        : batch_(batch), verbose_(verbose), tally_(report_.tally[static_cast<std::size_t>(batch.kind)]) {}

    Report run() {
        tally_.batches = 1;
        dea::Scores scores;
        try {
            // A thread that waits for the kernel's parallel loop must not begin another batch meanwhile.
            tbb::this_task_arena::isolate([&] {
                scores = dea::evaluate(batch_.evaluated, batch_.reference, batch_.self, batch_.settings,
                                       batch_.left_out);
            });
        } catch (const std::exception& error) {
            fail(fmt::format("evaluate() threw: {}", error.what()));
            return std::move(report_);
        }
        tally_.units = batch_.evaluated.units();
        tally_.counters = scores.counters;
        tally_.certificate = scores.certificate;
        const dea::Certificate& c = scores.certificate;
        if (!(c.min_reduced_cost >= -1e-9 && c.primal_residual <= 1e-9 && c.gap <= 1e-9)) {
            fail(fmt::format("certificate {:.3g} {:.3g} {:.3g} does not hold", c.min_reduced_cost,
                             c.primal_residual, c.gap));
        }
        const auto failed = std::count(scores.status.begin(), scores.status.end(), Status::failed);
        tally_.uncertified = failed;
        if (failed > 0) {
            const auto first = std::find(scores.status.begin(), scores.status.end(), Status::failed);
            fail(fmt::format("no certified answer for {} units, first unit {}", failed,
                             first - scores.status.begin()));
        }
        const std::vector<std::string> problems = prove(batch_, scores);
        tally_.unproved = static_cast<std::int64_t>(problems.size());
        for (std::size_t k = 0; k < std::min(problems.size(), most_proofs); ++k) fail(problems[k]);
        if (problems.size() > most_proofs)
            fail(fmt::format("and {} more of this kind", problems.size() - most_proofs));
        compare_facets(scores);
        for (const Eigen::Index o : batch_.compared)
            compare(o, {scores.status[static_cast<std::size_t>(o)], scores.score[o], 0, 0});
        return std::move(report_);
    }

  private:
    void fail(const std::string& what) {
        if (report_.failures.size() == 4 * most_proofs) return;  // of one batch
        report_.failures.push_back(fmt::format("batch {} ({}): {}", batch_.number, describe(batch_), what));
    }

    /// Radial scores from facets are those of the programs, whether the units count as members or not.
    void compare_facets(const dea::Scores& scores) {
        if (batch_.settings.model != dea::Model::radial || batch_.settings.super) return;
        dea::RadialScores own, others;
        tbb::this_task_arena::isolate([&] {
            const dea::FacetTechnology technology(batch_.reference, batch_.settings);
            own = technology.own();
            others = technology.score(batch_.evaluated);
        });
        for (std::size_t i = 0; i < scores.status.size(); ++i) {
            const auto o = static_cast<Eigen::Index>(i);
            const std::int32_t self = batch_.self[i];
            const Answer ours{scores.status[i], scores.score[o], 0, 0};
            if (self >= 0)
                compare_facets(o, ours, {own.status[static_cast<std::size_t>(self)], own.score[self], 0, 0});
            else
                compare_facets(o, ours, {others.status[i], others.score[o], 0, 0});
        }
    }

    void compare_facets(Eigen::Index o, const Answer& ours, const Answer& other) {
        if (!agree(ours, other, allowed_difference))
            fail(fmt::format("unit {}: programs {}, facets {}", o, text(ours), text(other)));
    }

    void compare(Eigen::Index o, const Answer& ours) {
        ++tally_.compared;
        ++tally_.by_status[static_cast<std::size_t>(ours.status)];
        const Answer rival = ask_rival(batch_, o);
        if (verbose_) fmt::print("unit {}: kernel {}, rival {}\n", o, text(ours), text(rival));
        const bool sampled = o % 64 == 0 && batch_.reference.units() <= 500;
        if (!agree(ours, rival, worth_asking) || sampled) settle(o, ours, rival);
    }

    /// Whether a violation that no double can show moves the score from `truth` past `ours`: copies of units
    /// that differ in the last digits make such programs.
    bool between(Eigen::Index o, const Answer& ours, const Answer& truth) {
        constexpr double last_digits = 1e-13;
        const Answer relaxed = ask_arbiter(batch_, o, last_digits);
        if (ours.status != Status::optimal || truth.status != Status::optimal ||
            relaxed.status != Status::optimal || relaxed.doubt > certain)
            return false;
        const double hair = allowed_difference * std::max(1.0, std::abs(ours.score));
        return ours.score >= std::min(relaxed.score, truth.score) - hair &&
               ours.score <= std::max(relaxed.score, truth.score) + hair;
    }

    /// How far a unit without an answer is outside the technology, in shares of its own values. The
    /// fractional program measures violations in multiples of t, which it puts to zero; so ask the additive
    /// one, which has the same technology.
    double outside_by(Eigen::Index o, const Answer& truth) const {
        if (batch_.settings.model != dea::Model::sbm || batch_.settings.super) return truth.margin;
        Batch plain = batch_;
        plain.settings.model = dea::Model::additive;
        plain.settings.additive_weights = dea::AdditiveWeights::ones;
        plain.settings.orientation = dea::Orientation::none;
        const Answer answer = ask_arbiter(plain, o);
        return answer.status == Status::failed ? truth.margin : answer.margin;
    }

    void settle(Eigen::Index o, const Answer& ours, const Answer& rival) {
        if (ours.status == Status::failed) return;  // said above
        ++tally_.settled;
        const Answer truth = ask_arbiter(batch_, o);
        const std::string facts = fmt::format("unit {}: kernel {}, rival {}, arbiter {} (doubt {:.1g})", o,
                                              text(ours), text(rival), text(truth), truth.doubt);
        if (verbose_) fmt::print("    {}\n", facts);
        const bool unknown = truth.status == Status::failed || truth.doubt > certain;
        if (unknown && agree(ours, rival, allowed_difference)) return;  // the sample asks more than it must
        if (unknown) {
            fail("nobody can tell, " + facts);
            return;
        }
        const auto none = [](const Answer& a) {
            return a.status == Status::infeasible ||
                   (a.status == Status::optimal && std::abs(a.score) > beyond_digits);
        };
        if (none(ours) && none(truth) && ours.status != truth.status) {
            ++tally_.on_edge;
            return;
        }
        if (truth.status == Status::infeasible && outside_by(o, truth) <= feasible_within) {
            ++tally_.on_edge;  // either answer is right within the tolerance of feasibility
            if (ours.status == Status::optimal || ours.status == Status::infeasible) return;
        }
        if (!agree(ours, truth, allowed_at(batch_, truth.score))) {
            if (agree(ours, rival, allowed_difference) && between(o, ours, truth)) {
                ++tally_.on_edge;
                return;
            }
            ++tally_.wrong;
            fail("the kernel is wrong, " + facts);
            return;
        }
        if (ours.status == Status::optimal)
            tally_.largest_error = std::max(tally_.largest_error, difference(ours.score, truth.score));
        if (agree(rival, truth, allowed_difference)) return;
        if (rival.status == Status::failed) {
            ++tally_.rival_without_answer;
        } else if (rival.status != truth.status) {
            ++tally_.rival_wrong_status;
        } else {
            ++tally_.rival_wrong_score;
            tally_.rival_largest_error =
                std::max(tally_.rival_largest_error, difference(rival.score, truth.score));
        }
        report_.rival_errors.push_back(
            fmt::format("batch {} ({}): {}", batch_.number, describe(batch_), facts));
    }

    const Batch& batch_;
    bool verbose_;
    Report report_;
    Tally& tally_;
};

void add(const Tally& other, Tally& t) {
    t.batches += other.batches;
    t.units += other.units;
    t.compared += other.compared;
    for (std::size_t s = 0; s < t.by_status.size(); ++s) t.by_status[s] += other.by_status[s];
    t.largest_error = std::max(t.largest_error, other.largest_error);
    t.settled += other.settled;
    t.on_edge += other.on_edge;
    t.rival_without_answer += other.rival_without_answer;
    t.rival_wrong_status += other.rival_wrong_status;
    t.rival_wrong_score += other.rival_wrong_score;
    t.uncertified += other.uncertified;
    t.wrong += other.wrong;
    t.unproved += other.unproved;
    t.rival_largest_error = std::max(t.rival_largest_error, other.rival_largest_error);
    t.counters.programs += other.counters.programs;
    t.counters.pivots += other.counters.pivots;
    t.counters.pricing_passes += other.counters.pricing_passes;
    t.counters.fallbacks += other.counters.fallbacks;
    auto& c = t.certificate;
    c.min_reduced_cost = std::min(c.min_reduced_cost, other.certificate.min_reduced_cost);
    c.primal_residual = std::max(c.primal_residual, other.certificate.primal_residual);
    c.gap = std::max(c.gap, other.certificate.gap);
}

void print_lines(const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    fmt::print("\n{}\n", title);
    for (std::size_t k = 0; k < std::min(lines.size(), most_examples); ++k) fmt::print("  {}\n", lines[k]);
    if (lines.size() > most_examples) fmt::print("  and {} more\n", lines.size() - most_examples);
}

}  // namespace

Report judge(const Batch& batch, bool verbose) {
    return Judge(batch, verbose).run();
}

void Report::add(const Report& other) {
    for (std::size_t k = 0; k < tally.size(); ++k) torture::add(other.tally[k], tally[k]);
    failures.insert(failures.end(), other.failures.begin(), other.failures.end());
    rival_errors.insert(rival_errors.end(), other.rival_errors.begin(), other.rival_errors.end());
}

std::int64_t Report::compared() const {
    std::int64_t sum = 0;
    for (const Tally& t : tally) sum += t.compared;
    return sum;
}

void Report::print() const {
    static constexpr const char* row =
        "{:<13}{:>8}{:>10}{:>9}{:>9}{:>11}{:>10}{:>10}{:>9}{:>6}{:>9}{:>10}{:>8}{:>6}{:>9} "
        "|{:>8}{:>8}{:>7}\n";
    fmt::print(row, "", "batches", "units", "compared", "optimal", "infeasible", "unbounded", "undefined",
               "settled", "edge", "error", "fallbacks", "uncert.", "wrong", "unproved", "no-ans", "status",
               "score");
    Tally sum;
    const auto line = [](const char* label, const Tally& t) {
        fmt::print(row, label, t.batches, t.units, t.compared, t.by_status[0], t.by_status[1], t.by_status[2],
                   t.by_status[3], t.settled, t.on_edge, fmt::format("{:.1e}", t.largest_error),
                   t.counters.fallbacks, t.uncertified, t.wrong, t.unproved, t.rival_without_answer,
                   t.rival_wrong_status, t.rival_wrong_score);
    };
    for (std::size_t k = 0; k < tally.size(); ++k) {
        if (tally[k].batches > 0) line(kind_names[k], tally[k]);
        torture::add(tally[k], sum);
    }
    line("all", sum);
    fmt::print(
        "units: all that the kernel scored and whose proof was checked; compared: with CLP; settled: in "
        "quadruple "
        "precision; edge: outside the technology, or of another score, by rounding only\nerror: largest of "
        "the kernel among the "
        "settled, "
        "relative to max(1, |score|); right of the bar: errors of CLP, its largest in a score {:.1e}\n",
        sum.rival_largest_error);
    fmt::print(
        "kernel: {} programs, {} pivots, {} passes; worst certificate: reduced cost {:.1e}, residual {:.1e}, "
        "gap "
        "{:.1e}\n",
        sum.counters.programs, sum.counters.pivots, sum.counters.pricing_passes,
        sum.certificate.min_reduced_cost, sum.certificate.primal_residual, sum.certificate.gap);
    print_lines("Errors of the rival, settled in quadruple precision", rival_errors);
    print_lines("FAILURES", failures);
}

}  // namespace greenfront::torture
