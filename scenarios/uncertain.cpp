#include "scenarios/uncertain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <vector>

#include "kernels/rng/normal.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/stats/distributions.hpp"
#include "scenarios/panel.hpp"

namespace greenfront {
namespace {

struct Number {
    const char* name;
    std::optional<double> Uncertain::*member;
};
constexpr std::array<Number, 9> numbers{{{"low", &Uncertain::low},
                                         {"mode", &Uncertain::mode},
                                         {"high", &Uncertain::high},
                                         {"mean", &Uncertain::mean},
                                         {"sd", &Uncertain::sd},
                                         {"median", &Uncertain::median},
                                         {"sigma", &Uncertain::sigma},
                                         {"a", &Uncertain::a},
                                         {"b", &Uncertain::b}}};

struct Distribution {
    std::string name;
    std::vector<std::string> needed, possible;
};
const std::vector<Distribution>& distributions() {
    static const std::vector<Distribution> known{
        {"fixed", {}, {}},
        {"uniform", {"low", "high"}, {}},
        {"triangular", {"low", "mode", "high"}, {}},
        {"normal", {"mean", "sd"}, {}},
        {"lognormal", {"median", "sigma"}, {}},
        {"beta", {"a", "b"}, {"low", "high"}},
    };
    return known;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// What the distribution's numbers must satisfy among each other.
std::string problem_of_numbers(const Uncertain& p) {
    const std::string& d = p.distribution;
    if ((d == "uniform" || d == "beta" || d == "triangular") && p.low.value_or(0) > p.high.value_or(1))
        return fmt::format("low {} lies above high {}", p.low.value_or(0), p.high.value_or(1));
    if (d == "triangular" && !(*p.low <= *p.mode && *p.mode <= *p.high))
        return fmt::format("mode {} lies outside of low {} to high {}", *p.mode, *p.low, *p.high);
    if (d == "normal" && *p.sd < 0) return fmt::format("sd {} is negative", *p.sd);
    if (d == "lognormal" && *p.sigma < 0) return fmt::format("sigma {} is negative", *p.sigma);
    if (d == "beta" && !(*p.a > 0 && *p.b > 0))
        return fmt::format("a {} and b {} must both be positive", *p.a, *p.b);
    return "";
}

double triangular(double low, double mode, double high, double u) {
    if (high == low) return low;
    const double below = (mode - low) / (high - low);
    if (u < below) return low + std::sqrt(u * (high - low) * (mode - low));
    return high - std::sqrt((1 - u) * (high - low) * (high - mode));
}

constexpr double smallest_uniform = 0x1p-53;

}  // namespace

std::string problem_of(const Uncertain& parameter) {
    if (!parameter.given()) return "";
    std::vector<std::string> names;
    const Distribution* found = nullptr;
    for (const auto& one : distributions()) {
        names.push_back(one.name);
        if (one.name == parameter.distribution) found = &one;
    }
    if (found == nullptr) {
        const std::string near = nearest(parameter.distribution, names);
        return fmt::format("unknown distribution \"{}\"; {}", parameter.distribution,
                           near.empty() ? "known are fixed, uniform, triangular, normal, lognormal and beta"
                                        : fmt::format("did you mean \"{}\"?", near));
    }
    if (!std::isfinite(parameter.value)) return "the value is not a number";
    for (const auto& number : numbers) {
        const auto& value = parameter.*(number.member);
        const bool needed = contains(found->needed, number.name);
        if (needed && !value) return fmt::format("{} needs {}; add it", found->name, number.name);
        if (value && !needed && !contains(found->possible, number.name))
            return fmt::format("{} has no {}; remove it", found->name, number.name);
        if (value && !std::isfinite(*value)) return fmt::format("{} is not a number", number.name);
    }
    return problem_of_numbers(parameter);
}

double quantile(const Uncertain& p, double u) {
    if (!p.drawn()) return p.value;
    assert(problem_of(p).empty());
    if (p.distribution == "uniform") return *p.low + u * (*p.high - *p.low);
    if (p.distribution == "triangular") return triangular(*p.low, *p.mode, *p.high, u);
    if (p.distribution == "normal") return *p.mean + *p.sd * rng::normal_quantile(u);
    if (p.distribution == "lognormal") return *p.median * std::exp(*p.sigma * rng::normal_quantile(u));
    const double low = p.low.value_or(0);
    return low + (p.high.value_or(1) - low) * stats::beta_quantile(u, *p.a, *p.b);
}

double point_value(const Uncertain& parameter) {
    return quantile(parameter, 0.5);
}

double least_draw(const Uncertain& parameter) {
    return std::min(quantile(parameter, smallest_uniform), quantile(parameter, 1 - smallest_uniform));
}

double greatest_draw(const Uncertain& parameter) {
    return std::max(quantile(parameter, smallest_uniform), quantile(parameter, 1 - smallest_uniform));
}

std::string in_words(const Uncertain& parameter) {
    if (!parameter.drawn()) return fmt::format("{}", parameter.value);
    std::string text;
    for (const auto& number : numbers) {
        const auto& value = parameter.*(number.member);
        if (value) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number.name, *value);
    }
    return fmt::format("{}({})", parameter.distribution, text);
}

std::uint64_t stream_of(std::string_view lever, std::string_view place) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto mix = [&hash](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    };
    mix(lever);
    mix(".");
    mix(place);
    return hash;
}

double uniform_of(std::uint64_t seed, std::uint64_t stream, std::uint64_t replicate) {
    return rng::Stream(seed, rng::stage_lever, replicate, stream).uniform();
}

}  // namespace greenfront
