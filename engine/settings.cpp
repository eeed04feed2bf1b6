#include "engine/settings.hpp"
#include "scenarios/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace greenfront {
namespace {

// In the order of the enumerations.
const std::vector<std::string> models{"radial", "sbm", "additive", "ddf", "nddf", "fdh", "cost", "revenue"};
const std::vector<std::string> orientations{"none", "input", "output"};
const std::vector<std::string> returns_names{"crs", "vrs", "nirs", "ndrs"};
const std::vector<std::string> disposabilities{"strong", "weak", "weak-naive"};
const std::vector<std::string> additive_weights{"ones", "mip", "ram", "bam", "normalized", "given"};
const std::vector<std::string> direction_kinds{"zeros", "observed", "given"};

template <class Enum>
const std::string& word_of(const std::vector<std::string>& words, Enum value) {
    return words[static_cast<std::size_t>(value)];
}

}  // namespace

std::optional<panel::SmallSample> parse_small_sample(const std::string& text, Fault fault) {
    if (text.empty()) return std::nullopt;
    using panel::SmallSample;
    constexpr SmallSample values[] = {SmallSample::reghdfe, SmallSample::ivreghdfe, SmallSample::fixest,
                                      SmallSample::exact_rank};
    return values[choose("small-sample convention", text, {"reghdfe", "ivreghdfe", "fixest", "exact-rank"},
                         fault)];
}

std::optional<panel::Estimator> parse_estimator(const std::string& text, bool instruments, Fault fault) {
    if (text.empty()) return std::nullopt;
    using panel::Estimator;
    constexpr Estimator values[] = {Estimator::tsls, Estimator::liml, Estimator::gmm};
    const Estimator value = values[choose("estimator", text, {"2sls", "liml", "gmm"}, fault)];
    if (instruments) return value;
    throw Error(fault, fmt::format("{} {} is for formulas with instruments: y ~ x | effects | endogenous ~ "
                                   "instruments; leave it out",
                                   option_name("estimator", fault), text));
}

dea::Model parse_model(const std::string& text, Fault fault) {
    return static_cast<dea::Model>(choose("model", text, models, fault));
}
dea::Orientation parse_orientation(const std::string& text, Fault fault) {
    return static_cast<dea::Orientation>(choose("orientation", text, orientations, fault));
}
dea::Returns parse_returns(const std::string& text, Fault fault) {
    return static_cast<dea::Returns>(choose("returns", text, returns_names, fault));
}
dea::Disposability parse_disposability(const std::string& text, Fault fault) {
    return static_cast<dea::Disposability>(choose("disposability", text, disposabilities, fault));
}

std::string name(dea::Model model) {
    return word_of(models, model);
}
std::string name(dea::Orientation orientation) {
    return word_of(orientations, orientation);
}
std::string name(dea::Returns returns) {
    return word_of(returns_names, returns);
}
std::string name(dea::Disposability disposability) {
    return word_of(disposabilities, disposability);
}
std::string name(dea::AdditiveWeights weights) {
    return word_of(additive_weights, weights);
}
std::string name(dea::Direction::Kind kind) {
    return word_of(direction_kinds, kind);
}

std::size_t choose(const std::string& what, const std::string& word, const std::vector<std::string>& known,
                   Fault fault) {
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (known[i] == word) return i;
    }
    throw Error(fault, fmt::format("{} \"{}\" is not known{}; use one of: {}", what, word,
                                   did_you_mean(word, known), fmt::join(known, ", ")));
}

std::string option_name(const std::string& key, Fault fault) {
    if (fault == Fault::study) return key;
    std::string flag = "--" + key;
    std::replace(flag.begin(), flag.end(), '_', '-');
    return flag;
}

}  // namespace greenfront
