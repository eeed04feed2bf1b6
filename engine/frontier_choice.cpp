#include "engine/frontier_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/settings.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront {
namespace {

// In the order of the enumerations.
const std::vector<std::string> methods{"homogeneous", "heterogeneous", "subsample"};
const std::vector<std::string> metrics{"inverse", "theta"};
const std::vector<std::string> orders{"reflect-shrink", "shrink-reflect"};
const std::vector<std::string> scales{"levels", "logs"};

/// The options of each kind.
const std::vector<std::string> known_options[] = {{"bandwidth", "metric", "order"},
                                                  {"bandwidth", "smoothing"},
                                                  {"kappa", "rate", "replacement", "cluster"},
                                                  {"bandwidth", "order", "null"},
                                                  {"environment", "bandwidth", "splits"}};

[[noreturn]] void refuse(const char* key, Fault fault, const std::string& text) {
    throw Error(fault, option_name(key, fault) + ": " + text);
}

std::string title(BootDeaKind kind) {
    if (kind == BootDeaKind::returns_test) return "the test of returns";
    if (kind == BootDeaKind::separability_test) return "the test of separability";
    return "method " + methods[static_cast<std::size_t>(kind)];
}

/// An option that the chosen method does not take is the user's mistake.
void only_known(const BootDeaStage& words, BootDeaKind kind, Fault fault) {
    const std::pair<const char*, bool> given[] = {{"bandwidth", words.bandwidth.given()},
                                                  {"metric", !words.metric.empty()},
                                                  {"order", !words.order.empty()},
                                                  {"smoothing", !words.smoothing.empty()},
                                                  {"null", !words.null.empty()},
                                                  {"kappa", words.kappa.has_value()},
                                                  {"rate", words.rate.has_value()},
                                                  {"replacement", words.replacement},
                                                  {"cluster", !words.cluster.empty()},
                                                  {"environment", !words.environment.empty()},
                                                  {"splits", words.splits != BootDeaStage().splits}};
    const auto& known = known_options[static_cast<std::size_t>(kind)];
    for (const auto& [key, is_given] : given) {
        if (is_given && std::find(known.begin(), known.end(), key) == known.end())
            refuse(key, fault,
                   fmt::format("{} has no such option; leave it out (it has {})", title(kind),
                               fmt::join(known, ", ")));
    }
}

/// The word of an option, by default the first.
std::size_t word(const char* key, const std::string& given, const std::vector<std::string>& known,
                 Fault fault) {
    return given.empty() ? 0 : choose(option_name(key, fault), given, known, fault);
}

/// sj (default), rot or a positive number.
void read_bandwidth(const WordOrNumber& words, dea::Bandwidth& rule, double& h, Fault fault) {
    rule = dea::Bandwidth::sheather_jones;
    if (!words.given() || words.word == "sj") return;
    if (words.word == "rot") {
        rule = dea::Bandwidth::rule_of_thumb;
        return;
    }
    if (!words.number || !(*words.number > 0 && std::isfinite(*words.number)))
        refuse("bandwidth", fault,
               fmt::format("{} is neither sj, rot nor a positive number{}",
                           words.number ? fmt::format("{}", *words.number) : '"' + words.word + '"',
                           did_you_mean(words.word, {"sj", "rot"})));
    rule = dea::Bandwidth::given;
    h = *words.number;
}

/// Where several variables are smoothed together there is one rule, the default, and no name for it.
void read_bandwidth_number(const WordOrNumber& words, const char* what, const char* number, double& h,
                           Fault fault) {
    if (!words.given()) return;
    dea::Bandwidth rule{};
    read_bandwidth(words, rule, h, fault);
    if (rule == dea::Bandwidth::given) return;
    refuse("bandwidth", fault,
           fmt::format("{}: {} has the normal reference rule (leave the option out) or {}", words.word, what,
                       number));
}

void check_replicates(const char* key, std::int64_t count, Fault fault) {
    if (count < 2) refuse(key, fault, fmt::format("{}: at least 2 are needed", count));
    if (count > 100'000'000) refuse(key, fault, fmt::format("{}: at most 100000000 are possible", count));
}

void check_confidence(double confidence, Fault fault) {
    if (!(confidence > 0 && confidence < 1))
        refuse("confidence", fault, "must lie between 0 and 1, such as 0.95");
}

/// Radial scores of rows against these rows: what pseudo-points can be made of.
void require_radial(const DeaChoice& choice, const std::string& what, Fault fault) {
    const auto& s = choice.settings;
    if (s.model != dea::Model::radial)
        refuse("model", fault, fmt::format("{}: {} is for model radial", name(s.model), what));
    if (s.super) refuse("super", fault, what + " is for plain scores; leave super-efficiency out");
    if (!choice.variables.bad.empty() && !choice.variables.bads_as_inputs)
        refuse("bad", fault,
               fmt::format("{} knows no bad outputs; count them as inputs ({}), or leave them out", what,
                           option_name("bads_as_inputs", fault)));
    if (choice.reference != "contemporaneous" && choice.reference != "global")
        refuse("reference", fault,
               fmt::format("{}: {} scores the rows that span the technology and no others; there is "
                           "contemporaneous and global",
                           choice.reference, what));
}

/// What the test of separability is for: a limit theory of means, and rows against their own kind.
void require_rate(const DeaChoice& choice, Fault fault) {
    const auto& s = choice.settings;
    const std::string what = title(BootDeaKind::separability_test);
    if (s.model != dea::Model::fdh) require_radial(choice, what, fault);
    if (s.model == dea::Model::fdh && !choice.variables.bad.empty() && !choice.variables.bads_as_inputs)
        refuse("bad", fault, what + " knows no bad outputs; count them as inputs, or leave them out");
    if (choice.reference != "contemporaneous" && choice.reference != "global")
        refuse("reference", fault,
               fmt::format("{}: {} is for contemporaneous and global", choice.reference, what));
    if (!dea::rate_is_proven(s.model, s.returns))
        refuse("returns", fault,
               fmt::format("{}: {} needs a known rate: model radial with crs or vrs, fdh with vrs",
                           name(s.returns), what));
}

}  // namespace

BootDeaKind boot_dea_kind(const BootDeaStage& words, Fault fault) {
    auto kind = static_cast<BootDeaKind>(choose(option_name("method", fault), words.method, methods, fault));
    if (!words.test.empty()) {
        const auto test = choose(option_name("test", fault), words.test, {"returns", "separability"}, fault);
        if (kind != BootDeaKind::homogeneous)
            refuse("test", fault,
                   fmt::format("{}: a test draws in its own way; leave {} out", words.test,
                               option_name("method", fault)));
        kind = test == 0 ? BootDeaKind::returns_test : BootDeaKind::separability_test;
    }
    only_known(words, kind, fault);
    check_replicates("replicates", words.replicates, fault);
    check_confidence(words.confidence, fault);
    return kind;
}

void check_analysis(BootDeaKind kind, const DeaChoice& choice, Fault fault) {
    if (kind == BootDeaKind::separability_test) return require_rate(choice, fault);
    if (kind != BootDeaKind::subsample) return require_radial(choice, title(kind), fault);
    const auto& programs = choice.settings;
    if (programs.model == dea::Model::cost || programs.model == dea::Model::revenue)
        refuse("model", fault,
               fmt::format("{}: subsampling is for radial, sbm, additive, ddf, nddf and fdh",
                           name(programs.model)));
    if (programs.super) refuse("super", fault, "subsampling is for plain scores; leave super-efficiency out");
}

void check_two_stage_analysis(const DeaChoice& choice, Fault fault) {
    require_radial(choice, "a two-stage analysis", fault);
}

dea::BootstrapSettings homogeneous_settings(const BootDeaStage& words, const DeaChoice& choice,
                                            std::uint64_t seed, Fault fault) {
    check_analysis(BootDeaKind::homogeneous, choice, fault);
    dea::BootstrapSettings s;
    s.orientation = choice.settings.orientation;
    s.returns = choice.settings.returns;
    s.metric = static_cast<dea::Metric>(word("metric", words.metric, metrics, fault));
    s.order = static_cast<dea::SmoothingOrder>(word("order", words.order, orders, fault));
    read_bandwidth(words.bandwidth, s.rule, s.bandwidth, fault);
    s.replicates = words.replicates;
    s.seed = seed;
    s.confidence = words.confidence;
    return s;
}

dea::HeterogeneousSettings heterogeneous_settings(const BootDeaStage& words, const DeaChoice& choice,
                                                  std::uint64_t seed, Fault fault) {
    check_analysis(BootDeaKind::heterogeneous, choice, fault);
    dea::HeterogeneousSettings s;
    s.orientation = choice.settings.orientation;
    s.returns = choice.settings.returns;
    s.scale = static_cast<dea::JointScale>(word("smoothing", words.smoothing, scales, fault));
    read_bandwidth_number(words.bandwidth, "a joint density", "a number", s.bandwidth, fault);
    s.replicates = words.replicates;
    s.seed = seed;
    s.confidence = words.confidence;
    return s;
}

dea::SubsampleSettings subsample_settings(const BootDeaStage& words, const DeaChoice& choice,
                                          std::uint64_t seed, Fault fault) {
    check_analysis(BootDeaKind::subsample, choice, fault);
    const auto& programs = choice.settings;
    dea::SubsampleSettings s;
    s.programs = programs;
    s.programs.slacks = false;
    s.kappa = words.kappa.value_or(s.kappa);
    if (!(s.kappa > 0 && s.kappa <= 1)) refuse("kappa", fault, "must lie above 0 and be at most 1");
    const auto variables = static_cast<std::int64_t>(choice.variables.all().size());
    s.rate = words.rate.value_or(dea::known_rate(programs.model, programs.returns, variables));
    if (!(s.rate > 0 && std::isfinite(s.rate))) refuse("rate", fault, "must be positive");
    s.replacement = words.replacement;
    s.replicates = words.replicates;
    s.seed = seed;
    s.confidence = words.confidence;
    return s;
}

bool proven(const BootDeaStage& words, const DeaChoice& choice) {
    return !words.rate && dea::rate_is_proven(choice.settings.model, choice.settings.returns);
}

dea::ReturnsTestSettings returns_test_settings(const BootDeaStage& words, const DeaChoice& choice,
                                               std::uint64_t seed, Fault fault) {
    check_analysis(BootDeaKind::returns_test, choice, fault);
    dea::ReturnsTestSettings s;
    s.orientation = choice.settings.orientation;
    s.null = word("null", words.null, {"crs", "nirs"}, fault) == 0 ? dea::Returns::crs : dea::Returns::nirs;
    s.order = static_cast<dea::SmoothingOrder>(word("order", words.order, orders, fault));
    read_bandwidth(words.bandwidth, s.rule, s.bandwidth, fault);
    s.replicates = words.replicates;
    s.seed = seed;
    return s;
}

dea::SeparabilitySettings separability_settings(const BootDeaStage& words, const DeaChoice& choice,
                                                std::uint64_t seed, Fault fault) {
    check_analysis(BootDeaKind::separability_test, choice, fault);
    if (words.environment.empty())
        refuse("environment", fault, "name the columns that may move the frontier");
    if (words.splits < 1) refuse("splits", fault, fmt::format("{}: at least 1 is needed", words.splits));
    dea::SeparabilitySettings s;
    s.programs = choice.settings;
    s.programs.slacks = false;
    read_bandwidth_number(words.bandwidth, "the test of separability", "a number in standard deviations",
                          s.bandwidth, fault);
    s.splits = words.splits;
    s.halvings = words.replicates / words.splits;
    if (s.halvings < 2)
        refuse(
            "replicates", fault,
            fmt::format("{} halvings are fewer than 2 for each of {} splits; take more of them, or fewer {}",
                        words.replicates, words.splits, option_name("splits", fault)));
    s.seed = seed;
    return s;
}

dea::TwoStageSettings two_stage_settings(const TwoStageStage& words, const DeaChoice& choice,
                                         std::uint64_t seed, Fault fault) {
    check_two_stage_analysis(choice, fault);
    if (words.environment.empty()) refuse("environment", fault, "no column that explains efficiency");
    if (words.algorithm != 1 && words.algorithm != 2)
        refuse("algorithm", fault, fmt::format("{}: there is 1 and 2", words.algorithm));
    check_replicates("replicates", words.replicates, fault);
    check_replicates("replicates_bias", words.replicates_bias, fault);
    check_confidence(words.confidence, fault);
    dea::TwoStageSettings s;
    s.algorithm = words.algorithm;
    s.orientation = choice.settings.orientation;
    s.returns = choice.settings.returns;
    s.replicates_bias = words.replicates_bias;
    s.replicates = words.replicates;
    s.seed = seed;
    s.confidence = words.confidence;
    return s;
}

std::string name(dea::Metric metric) {
    return metrics[static_cast<std::size_t>(metric)];
}
std::string name(dea::SmoothingOrder order) {
    return orders[static_cast<std::size_t>(order)];
}
std::string name(dea::JointScale scale) {
    return scales[static_cast<std::size_t>(scale)];
}

}  // namespace greenfront
