#include "engine/frontier_inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/group_rows.hpp"
#include "engine/reference_sets.hpp"

namespace greenfront {
namespace {

/// The period of a technology, or nothing when it is of all.
std::optional<std::int64_t> time_of(const Panel& panel, const ReferenceGroup& group,
                                    const std::string& reference) {
    if (!panel.has_time() || reference == "global") return std::nullopt;
    return panel.time_value[static_cast<std::size_t>(panel.time[group.evaluated_rows.front()])];
}

std::string place(const Panel& panel, const std::optional<std::int64_t>& time) {
    return time ? fmt::format("{}: period {}", panel.source, *time) : panel.source;
}

/// run(group) for each technology; an error says which.
template <class Part, class Run>
std::vector<Part> each_technology(const Panel& panel, const std::vector<char>& usable,
                                  const std::string& reference, Placement& at, const Run& run) {
    std::vector<Part> parts;
    for (const auto& group : reference_groups(panel, usable, reference, Fault::usage)) {
        for (std::size_t j = 0; j < group.evaluated_rows.size(); ++j) {
            at.part[group.evaluated_rows[j]] = parts.size();
            at.position[group.evaluated_rows[j]] = static_cast<std::int64_t>(j);
        }
        const auto time = time_of(panel, group, reference);
        try {
            parts.push_back(run(group));
        } catch (const Error& error) {
            throw Error(error.fault(), fmt::format("{}: {}", place(panel, time), error.what()));
        }
        at.time.push_back(time);
    }
    return parts;
}

/// Codes 0, 1, .. of the clusters of a technology's reference rows, in order of their first row.
std::vector<std::int32_t> cluster_codes(const Panel& panel, const panel::Factor* factor,
                                        const ReferenceGroup& group, const std::string& cluster) {
    std::vector<std::int32_t> codes, known;
    for (const std::size_t row : group.reference_rows) {
        const std::int32_t code = factor == nullptr ? panel.unit[row] : factor->code[row];
        if (code < 0)
            throw Error(Fault::data,
                        fmt::format("record {}: no value of cluster column \"{}\"; every row that is drawn "
                                    "needs one",
                                    panel.file_row[row], cluster));
        if (static_cast<std::size_t>(code) >= known.size())
            known.resize(static_cast<std::size_t>(code) + 1, -1);
        codes.push_back(code);
    }
    std::int32_t next = 0;
    for (std::int32_t& code : codes) {
        auto& number = known[static_cast<std::size_t>(code)];
        if (number < 0) number = next++;
        code = number;
    }
    return codes;
}

/// The factor of a cluster column; nothing for the unit itself.
std::optional<panel::Factor> cluster_factor(const Panel& panel, const std::string& cluster) {
    if (cluster.empty() || cluster == panel.unit_column) return std::nullopt;
    return group_levels(cluster, panel, Fault::usage);
}

const panel::Factor* pointer(const std::optional<panel::Factor>& factor) {
    return factor ? &*factor : nullptr;
}

/// `bootstrap(quantities, settings)` of each technology, which has random numbers of its own.
template <class Settings, class Bootstrap>
BootDea bootstrap_each(const Panel& panel, const std::vector<char>& usable, const DeaChoice& choice,
                       Settings settings, const Bootstrap& bootstrap) {
    BootDea result{Placement(panel.rows()), {}};
    result.parts = each_technology<dea::BootstrapScores>(
        panel, usable, choice.reference, result.at, [&](const ReferenceGroup& group) {
            auto part = bootstrap(quantities(panel, choice.variables, group.evaluated_rows), settings);
            part.replicate.resize(0, 0);
            ++settings.item;
            return part;
        });
    return result;
}

/// Rows that also have a value of every environmental variable.
std::vector<char> with_environment(const Panel& panel, std::vector<char> usable,
                                   const std::vector<std::string>& environment) {
    for (const auto& name : environment) {
        const auto& column = panel.number(name);
        for (std::size_t r = 0; r < panel.rows(); ++r) usable[r] = usable[r] && !std::isnan(column[r]);
    }
    if (std::find(usable.begin(), usable.end(), 1) == usable.end())
        throw Error(Fault::data,
                    fmt::format("{}: no row with all inputs and outputs has a value of all of {}",
                                panel.source, fmt::join(environment, ", ")));
    return usable;
}

/// A row for each of the given ones, a column for each variable.
Eigen::MatrixXd environment_of(const Panel& panel, const std::vector<std::string>& environment,
                               const std::vector<std::size_t>& rows) {
    Eigen::MatrixXd Z(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(environment.size()));
    for (std::size_t j = 0; j < environment.size(); ++j) {
        const auto& column = panel.number(environment[j]);
        for (std::size_t i = 0; i < rows.size(); ++i)
            Z(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = column[rows[i]];
    }
    return Z;
}

}  // namespace

BootDea bootstrap_scores(const Panel& panel, const std::vector<char>& usable, const DeaChoice& choice,
                         const dea::BootstrapSettings& settings) {
    return bootstrap_each(panel, usable, choice, settings, dea::smoothed_bootstrap);
}

BootDea bootstrap_scores(const Panel& panel, const std::vector<char>& usable, const DeaChoice& choice,
                         const dea::HeterogeneousSettings& settings) {
    return bootstrap_each(panel, usable, choice, settings, dea::heterogeneous_bootstrap);
}

ReturnsTests test_returns(const Panel& panel, const std::vector<char>& usable, const DeaChoice& choice,
                          const dea::ReturnsTestSettings& settings) {
    Placement at(panel.rows());
    dea::ReturnsTestSettings own = settings;
    auto parts = each_technology<dea::ReturnsTest>(
        panel, usable, choice.reference, at, [&](const ReferenceGroup& group) {
            auto part = dea::returns_test(quantities(panel, choice.variables, group.evaluated_rows), own);
            part.draw.clear();
            ++own.item;
            return part;
        });
    return {std::move(at.time), std::move(parts)};
}

SeparabilityTests test_separability(const Panel& panel, const std::vector<char>& usable,
                                    const DeaChoice& choice, const std::vector<std::string>& environment,
                                    const dea::SeparabilitySettings& settings) {
    Placement at(panel.rows());
    dea::SeparabilitySettings own = settings;
    auto parts = each_technology<dea::Separability>(
        panel, with_environment(panel, usable, environment), choice.reference, at,
        [&](const ReferenceGroup& group) {
            auto part = dea::separability_test(quantities(panel, choice.variables, group.evaluated_rows),
                                               environment_of(panel, environment, group.evaluated_rows), own);
            ++own.item;
            return part;
        });
    return {std::move(at.time), std::move(parts)};
}

std::string correction_warning(const SeparabilityTests& tests, const DeaChoice& choice) {
    const bool output = choice.settings.orientation == dea::Orientation::output;
    const auto beyond = [&](double mean) { return output ? mean < 1 : mean <= 0 || mean > 1; };
    for (std::size_t p = 0; p < tests.parts.size(); ++p) {
        const auto& test = tests.parts[p];
        if (!beyond(test.mean) && !beyond(test.mean_local)) continue;
        return fmt::format(
            "{}a mean score corrected for bias, {:.3g} or {:.3g}, is beyond all possible scores: a "
            "few rows span the frontier, the bias does not follow its rate, and the test says "
            "nothing",
            tests.time[p] ? fmt::format("period {}: ", *tests.time[p]) : "", test.mean, test.mean_local);
    }
    return "";
}

SubsampledScores subsample_scores(const Panel& panel, const std::vector<char>& usable,
                                  const DeaChoice& choice, const std::string& cluster,
                                  const dea::SubsampleSettings& settings) {
    SubsampledScores result{Placement(panel.rows()), {}};
    const auto factor = cluster_factor(panel, cluster);
    dea::SubsampleSettings own = settings;
    result.parts = each_technology<dea::Subsample>(
        panel, usable, choice.reference, result.at, [&](const ReferenceGroup& group) {
            // Every evaluated row is a reference row, too.
            dea::Yardstick points;
            for (std::size_t j = 0; j < group.reference_rows.size(); ++j)
                points.reference.push_back(static_cast<std::int32_t>(j));
            points.evaluated = group.self;
            auto part = dea::subsample(quantities(panel, choice.variables, group.reference_rows), points,
                                       cluster_codes(panel, pointer(factor), group, cluster), own);
            part.replicate.resize(0, 0);
            ++own.item;
            return part;
        });
    return result;
}

PartialFrontier partial_frontier(const Panel& panel, const std::vector<char>& usable,
                                 const DeaVariables& variables, const std::string& reference,
                                 const std::string& cluster, const dea::PartialSettings& settings) {
    PartialFrontier result{Placement(panel.rows()), {}, std::vector<std::int64_t>(panel.rows(), -1)};
    const auto factor = cluster_factor(panel, cluster);
    dea::PartialSettings own = settings;
    result.parts = each_technology<dea::PartialScores>(
        panel, usable, reference, result.at, [&](const ReferenceGroup& group) {
            auto part = dea::partial_frontier(quantities(panel, variables, group.evaluated_rows),
                                              quantities(panel, variables, group.reference_rows),
                                              cluster_codes(panel, pointer(factor), group, cluster), own);
            for (std::size_t j = 0; j < part.at.size(); ++j) {
                if (part.at[j] < 0) continue;
                result.row_at[group.evaluated_rows[j]] =
                    static_cast<std::int64_t>(group.reference_rows[static_cast<std::size_t>(part.at[j])]);
            }
            ++own.item;
            return part;
        });
    return result;
}

TwoStageScores two_stage_scores(const Panel& panel, const std::vector<char>& usable, const DeaChoice& choice,
                                const std::vector<std::string>& environment,
                                const dea::TwoStageSettings& settings) {
    const auto kept = with_environment(panel, usable, environment);
    TwoStageScores scores;
    scores.position.assign(panel.rows(), -1);
    dea::TwoStageData data;
    data.names = environment;
    std::vector<std::size_t> rows;
    for (const auto& group : reference_groups(panel, kept, choice.reference, Fault::usage)) {
        data.technologies.push_back(quantities(panel, choice.variables, group.evaluated_rows));
        for (const std::size_t r : group.evaluated_rows) {
            scores.position[r] = static_cast<std::int64_t>(rows.size());
            rows.push_back(r);
        }
    }
    data.Z = environment_of(panel, environment, rows);
    scores.result = dea::two_stage(data, settings);
    return scores;
}

std::string pooled_warning(const Panel& panel, const DeaChoice& choice) {
    if (choice.reference != "global" || !panel.has_time() || panel.time_value.size() < 2) return "";
    return "rows of one unit in several periods count as independent; intervals are too narrow where they "
           "are "
           "not (method subsample draws whole units)";
}

}  // namespace greenfront
