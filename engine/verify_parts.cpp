#include "engine/verify_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/settings.hpp"
#include "engine/winsorized.hpp"

namespace greenfront::verify {
namespace {

using dea::Model;

/// Bitwise for numbers; two missing values are the same.
bool same(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

/// The score under other returns to scale is that of its programs, which are proved as an analysis of their
/// own.
void check_programs(const Results& results, const Stored& stored, const std::string& returns,
                    Verification& found) {
    const std::string path = found.group + "/" + returns;
    const ResultGroup* const programs = results.find(path);
    if (programs == nullptr)
        throw damaged(fmt::format("there are no programs /{} behind score_{}", path, returns));
    const Reader group(*programs);
    if (group.attribute<std::string>("returns") != returns)
        found.faults.push_back(fmt::format("/{}: its returns to scale are not {}", path, returns));
    for (const char* key : {"model", "orientation", "reference", "inputs", "good", "bad", "where"}) {
        const AttributeValue *theirs = programs->attribute(key), *ours = stored.group.find_attribute(key);
        if ((theirs == nullptr) != (ours == nullptr) || (theirs != nullptr && *theirs != *ours))
            found.faults.push_back(fmt::format("/{}: {} is not that of the analysis", path, key));
    }
    const auto& theirs = group.values<double>("score", stored.cells);
    const auto& ours = stored.group.values<double>("score_" + returns, stored.cells);
    for (std::size_t c = 0; c < stored.cells; ++c) {
        if (same(ours[c], theirs[c])) continue;
        found.faults.push_back(fmt::format("place {} of unit x time: score_{} is {}, its program's {}", c,
                                           returns, ours[c], theirs[c]));
    }
}

bool nothing_to_pull(const dea::Settings& s, const dea::Quantities& q, Eigen::Index o) {
    const Eigen::Index m = q.X.rows(), s1 = q.Y.rows(), s2 = q.B.rows();
    const auto leads = [&](const dea::Direction& d, const Eigen::MatrixXd& values, Eigen::Index first) {
        for (Eigen::Index i = 0; i < values.rows(); ++i) {
            const double pull = d.kind == dea::Direction::Kind::observed ? values(i, o)
                                : d.kind == dea::Direction::Kind::given  ? d.given[i]
                                                                         : 0;
            const bool weighs = s.model == Model::ddf || s.item_weights.size() != m + s1 + s2 ||
                                s.item_weights[first + i] > 0;
            if (pull > 0 && weighs) return true;
        }
        return false;
    };
    return !leads(s.direction_inputs, q.X, 0) && !leads(s.direction_goods, q.Y, m) &&
           !leads(s.direction_bads, q.B, m + s1);
}

/// The model's formula has no value for the unit (docs/methods/dea.md, statuses).
bool has_no_formula(const dea::Settings& s, const dea::Quantities& q, Eigen::Index o) {
    const bool no_inputs = !(q.X.col(o).maxCoeff() > 0);
    const bool input = s.orientation == dea::Orientation::input;
    switch (s.model) {
        case Model::radial:
        case Model::fdh:
            return input && no_inputs;
        case Model::sbm:
            return !input && !s.drop_zero_outputs && !(q.Y.col(o).minCoeff() > 0);
        case Model::ddf:
        case Model::nddf:
            return nothing_to_pull(s, q, o);
        case Model::cost:
            return !(q.price.col(o).dot(q.X.col(o)) > 0);
        case Model::revenue:
            return !(q.price.col(o).dot(q.Y.col(o)) > 0);
        case Model::additive:
            break;
    }
    return false;
}

/// Something may grow without end: a score of nothing, or a reference unit that makes outputs of nothing. An
/// SBM score can also be too small to be told from 0.
bool may_be_unbounded(const dea::Settings& s, const dea::Quantities& q, const dea::Quantities& reference,
                      Eigen::Index o) {
    const bool scales = s.model == Model::radial || s.model == Model::fdh;
    const bool output = scales && s.orientation == dea::Orientation::output;
    if (output && !(q.Y.col(o).maxCoeff() > 0)) return true;
    return s.model == Model::sbm || !(reference.X.colwise().maxCoeff().minCoeff() > 0);
}

}  // namespace

std::vector<char> check_used(const Stored& stored, std::vector<std::string>& faults) {
    const bool all = stored.group.attribute<std::string>("where").empty();
    const auto& variables = stored.choice.variables;
    auto usable = usable_rows(stored.panel, variables, all ? std::vector<char>{} : stored.used);
    std::int64_t count = 0;
    for (std::size_t r = 0; r < usable.size(); ++r) {
        count += stored.used[r];
        if (usable[r] != stored.used[r])
            faults.push_back(fmt::format("{}: used is {}, the data say {}", stored.place(stored.panel, r),
                                         stored.used[r] != 0 ? "yes" : "no", usable[r] != 0 ? "yes" : "no"));
    }
    const auto scored = stored.group.attribute<std::int64_t>("rows_scored");
    const auto left_out = stored.group.attribute<std::int64_t>("rows_left_out");
    const auto rows = static_cast<std::int64_t>(usable.size());
    if (count != scored || rows - count != left_out)
        faults.push_back(fmt::format("rows_scored is {} and rows_left_out {}, but used marks {} of {} rows",
                                     scored, left_out, count, rows));
    return usable;
}

std::string status_fault(const dea::Settings& settings, const dea::Quantities& evaluated,
                         const dea::Quantities& reference, Eigen::Index o, bool inside, std::int8_t status,
                         double score) {
    const auto code = static_cast<std::size_t>(static_cast<unsigned char>(status));
    if (status < 0 || code >= status_names.size()) return fmt::format("{} is no status", status);
    const auto is = static_cast<Status>(status);
    const auto says = [&](const char* why) { return fmt::format("status {}, but {}", name(is), why); };
    if (std::isinf(score) || (is == Status::optimal) == std::isnan(score))
        return fmt::format("status {} beside the score {}", name(is), score);
    if (reference.units() == 0) return is == Status::undefined ? "" : says("there is no reference row");
    const bool undefined = has_no_formula(settings, evaluated, o);
    if (undefined && is != Status::undefined) return says("the data make it undefined");
    // Revenue: others may have nothing to sell at these prices.
    const bool worthless = settings.model == Model::revenue && !inside;
    if (is == Status::undefined && !undefined && !worthless) return says("the data define a score");
    if (is == Status::infeasible && inside) return says("the row is in its own reference set");
    if (is == Status::unbounded && !may_be_unbounded(settings, evaluated, reference, o))
        return says("nothing can grow without end");
    return "";
}

void check_winsorized(const Stored& stored, Verification& found) {
    const auto percentiles = stored.group.attribute_or<std::vector<double>>("winsorize", {});
    if (percentiles.empty()) return;
    check_percentiles(percentiles);
    auto expected = stored.group.values<double>("score", stored.cells);
    const ClipBounds bounds = clip_bounds(expected, percentiles[0], percentiles[1], PercentileRule::stata);
    const std::int64_t moved = clip(expected, bounds);
    const auto& clipped = stored.group.values<double>("score_winsorized", stored.cells);
    for (std::size_t c = 0; c < stored.cells; ++c) {
        if (same(clipped[c], expected[c])) continue;
        found.faults.push_back(
            fmt::format("place {} of unit x time: score_winsorized is {}, clipping gives {}", c, clipped[c],
                        expected[c]));
    }
    const auto named = stored.group.attribute<std::vector<double>>("winsorize_bounds");
    if (named.size() != 2 || !same(named[0], bounds.low) || !same(named[1], bounds.high))
        found.faults.push_back(
            fmt::format("winsorize_bounds are not {} and {}, which percentiles {} and {} give", bounds.low,
                        bounds.high, percentiles[0], percentiles[1]));
    const auto count = stored.group.attribute<std::int64_t>("cells_winsorized");
    if (count != moved)
        found.faults.push_back(fmt::format("cells_winsorized is {}, but clipping moves {}", count, moved));
}

void check_combined(const Stored& stored, const std::vector<char>& usable, Verification& found) {
    if (!stored.choice.combine) return;
    const auto& score = stored.group.values<double>("score", stored.cells);
    const auto& rho = stored.group.values<double>("rho", stored.cells);
    const auto& delta = stored.group.values<double>("delta", stored.cells);
    std::int64_t efficient_rows = 0;
    for (std::size_t c = 0; c < stored.cells; ++c) {
        const std::int64_t row = stored.row_at[c];
        const auto fault = [&](const std::string& what) {
            const std::string at = row < 0 ? fmt::format("place {} of unit x time", c)
                                           : stored.place(stored.panel, static_cast<std::size_t>(row));
            found.faults.push_back(fmt::format("{}: {}", at, what));
        };
        const bool scored = row >= 0 && usable[static_cast<std::size_t>(row)] != 0;
        const bool efficient = scored && rho[c] >= 1 - efficiency_tolerance;
        efficient_rows += efficient;
        if (!same(score[c], efficient ? delta[c] : rho[c]))
            fault(fmt::format("score {} is neither rho {} nor delta {}", score[c], rho[c], delta[c]));
        if (!efficient && !std::isnan(delta[c]))
            fault(fmt::format("delta {} beside rho {}", delta[c], rho[c]));
        // In its own reference set a unit is at least compared with itself.
        if (efficient && !stored.has_other && !(rho[c] <= 1 + verification_tolerance))
            fault(fmt::format("rho {} is larger than 1", rho[c]));
    }
    found.unchecked.push_back(
        fmt::format("rho of {} efficient rows: multipliers are stored of delta only", efficient_rows));
}

void check_scale(const Results& results, const Stored& stored, const std::vector<char>& usable,
                 Verification& found) {
    if (!stored.choice.scale_efficiency) return;
    const auto& s = stored.choice.settings;
    for (const auto returns : {dea::Returns::crs, dea::Returns::vrs, dea::Returns::nirs}) {
        if (returns != s.returns) check_programs(results, stored, greenfront::name(returns), found);
    }
    const auto column = [&](const char* name) -> const std::vector<double>& {
        return stored.group.values<double>(name, stored.cells);
    };
    const auto &score = column("score"), &crs = column("score_crs"), &vrs = column("score_vrs"),
               &nirs = column("score_nirs"), &ratio = column("scale_efficiency");
    const auto& direction = stored.group.values<std::int8_t>("returns_direction", stored.cells);
    const std::vector<double>* const own = s.returns == dea::Returns::crs    ? &crs
                                           : s.returns == dea::Returns::vrs  ? &vrs
                                           : s.returns == dea::Returns::nirs ? &nirs
                                                                             : nullptr;
    const bool above_one = s.model == Model::radial && s.orientation == dea::Orientation::output;
    const auto close = [](double a, double b) {
        return std::abs(a - b) <= efficiency_tolerance * std::max(1.0, std::abs(a));
    };
    // A larger technology leaves no unit with a better score.
    const auto ordered = [&](double larger, double smaller) {
        return std::isnan(larger) || std::isnan(smaller) || close(larger, smaller) ||
               (above_one ? larger > smaller : larger < smaller);
    };
    for (std::size_t c = 0; c < stored.cells; ++c) {
        const std::int64_t row = stored.row_at[c];
        const bool scored = row >= 0 && usable[static_cast<std::size_t>(row)] != 0;
        const auto fault = [&](const char* what) {
            found.faults.push_back(
                fmt::format("{}: {} (score_crs {}, score_nirs {}, score_vrs {}, scale_efficiency {}, "
                            "returns_direction {})",
                            row < 0 ? fmt::format("place {} of unit x time", c)
                                    : stored.place(stored.panel, static_cast<std::size_t>(row)),
                            what, crs[c], nirs[c], vrs[c], ratio[c], direction[c]));
        };
        const bool any = !std::isnan(crs[c]) || !std::isnan(vrs[c]) || !std::isnan(nirs[c]);
        if (any && !scored) fault("scores of a row that is not used");
        if (own != nullptr && !same((*own)[c], score[c])) fault("its own score is another than the stage's");
        const bool all = !std::isnan(crs[c]) && !std::isnan(vrs[c]) && !std::isnan(nirs[c]);
        const double share = std::min(1.0, above_one ? vrs[c] / crs[c] : crs[c] / vrs[c]);
        if (all ? !(std::abs(ratio[c] - share) <= 1e-12) : !std::isnan(ratio[c]))
            fault("scale_efficiency is not the ratio of crs and vrs");
        const int expected = !all ? -1 : close(crs[c], vrs[c]) ? 1 : close(nirs[c], vrs[c]) ? 2 : 0;
        if (direction[c] != expected) fault("returns_direction does not follow from the scores");
        const double stage = score[c];
        if (!ordered(crs[c], nirs[c]) || !ordered(nirs[c], vrs[c]) || !ordered(crs[c], stage) ||
            !ordered(stage, vrs[c]))
            fault("the scores are not in the order of their technologies");
    }
}

}  // namespace greenfront::verify
