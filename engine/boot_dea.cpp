#include "engine/boot_dea.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "engine/reference_sets.hpp"

namespace greenfront {

BootDea bootstrap_scores(const Panel& panel, const std::vector<char>& usable, const DeaVariables& variables,
                         const dea::BootstrapSettings& settings) {
    BootDea result;
    result.part.assign(panel.rows(), 0);
    result.position.assign(panel.rows(), -1);
    dea::BootstrapSettings own = settings;
    for (const auto& group : reference_groups(panel, usable, "contemporaneous", Fault::usage)) {
        const std::size_t first = group.evaluated_rows.front();
        const auto time =
            panel.has_time() ? panel.time_value[static_cast<std::size_t>(panel.time[first])] : 0;
        for (std::size_t j = 0; j < group.evaluated_rows.size(); ++j) {
            result.part[group.evaluated_rows[j]] = result.parts.size();
            result.position[group.evaluated_rows[j]] = static_cast<std::int64_t>(j);
        }
        try {
            result.parts.push_back(
                dea::smoothed_bootstrap(quantities(panel, variables, group.evaluated_rows), own));
        } catch (const Error& error) {
            throw Error(error.fault(),
                        panel.has_time() ? fmt::format("{}: period {}: {}", panel.source, time, error.what())
                                         : fmt::format("{}: {}", panel.source, error.what()));
        }
        result.parts.back().replicate.resize(0, 0);
        result.time.push_back(time);
        ++own.item;
    }
    return result;
}

void parse_bandwidth(const std::string& text, dea::BootstrapSettings& settings, Fault fault) {
    if (text == "sj" || text == "rot") {
        settings.rule = text == "sj" ? dea::Bandwidth::sheather_jones : dea::Bandwidth::rule_of_thumb;
        return;
    }
    double h = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), h);
    if (error != std::errc() || stop != text.data() + text.size() || !(h > 0 && std::isfinite(h)))
        throw Error(fault, fmt::format("--bandwidth \"{}\" is neither sj, rot nor a positive number", text));
    settings.rule = dea::Bandwidth::given;
    settings.bandwidth = h;
}

}  // namespace greenfront
