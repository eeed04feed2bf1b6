#include "engine/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace greenfront {
namespace {

/// The position of `word` in `known`; an unknown word is the user's fault.
std::size_t choose(const char* what, const std::string& word, const std::vector<std::string>& known,
                   Fault fault) {
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (known[i] == word) return i;
    }
    const std::string near = nearest(word, known);
    throw Error(fault,
                fmt::format("{} \"{}\" is not known{}; use one of: {}", what, word,
                            near.empty() ? "" : " (did you mean " + near + "?)", fmt::join(known, ", ")));
}

const std::vector<std::string> models{"radial", "sbm"};
const std::vector<std::string> returns_names{"crs", "vrs", "nirs", "ndrs"};
const std::vector<std::string> orientations{"none", "input", "output"};

}  // namespace

VarianceChoice parse_variance(const std::string& text, Fault fault) {
    if (text == "iid") return {panel::Variance::iid, {}};
    if (text == "robust") return {panel::Variance::robust, {}};
    const std::string prefix = "cluster:";
    VarianceChoice choice{panel::Variance::cluster, {}};
    bool valid = text.starts_with(prefix);
    for (std::size_t begin = prefix.size(); valid && begin <= text.size();) {
        const std::size_t end = std::min(text.find('+', begin), text.size());
        choice.clusters.push_back(text.substr(begin, end - begin));
        valid = end > begin;
        begin = end + 1;
    }
    if (valid) return choice;
    throw Error(
        fault,
        fmt::format("vcov \"{}\" is not known; use iid, robust, cluster:NAME or cluster:NAME1+NAME2", text));
}

std::optional<panel::SmallSample> parse_small_sample(const std::string& text, Fault fault) {
    if (text.empty()) return std::nullopt;
    using panel::SmallSample;
    constexpr SmallSample values[] = {SmallSample::reghdfe, SmallSample::ivreghdfe, SmallSample::fixest,
                                      SmallSample::exact_rank};
    return values[choose("small-sample convention", text, {"reghdfe", "ivreghdfe", "fixest", "exact-rank"},
                         fault)];
}

dea::Model parse_model(const std::string& text, Fault fault) {
    return static_cast<dea::Model>(choose("model", text, models, fault));
}

dea::Returns parse_returns(const std::string& text, Fault fault) {
    return static_cast<dea::Returns>(choose("returns", text, returns_names, fault));
}

dea::Orientation parse_orientation(const std::string& text, dea::Model model, Fault fault) {
    if (text.empty()) return model == dea::Model::radial ? dea::Orientation::input : dea::Orientation::none;
    const auto orientation = static_cast<dea::Orientation>(choose("orientation", text, orientations, fault));
    if (model == dea::Model::radial && orientation == dea::Orientation::none) {
        throw Error(fault, "model radial needs an orientation: input or output");
    }
    return orientation;
}

std::string name(dea::Model model) {
    return models[static_cast<std::size_t>(model)];
}
std::string name(dea::Returns returns) {
    return returns_names[static_cast<std::size_t>(returns)];
}
std::string name(dea::Orientation orientation) {
    return orientations[static_cast<std::size_t>(orientation)];
}

}  // namespace greenfront
