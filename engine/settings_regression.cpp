#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/settings.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront {
namespace {

/// Pieces between separators outside parentheses, blanks around them dropped.
std::vector<std::string> pieces(const std::string& text, char separator) {
    std::vector<std::string> result(1);
    int depth = 0;
    for (const char c : text) {
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (c == separator && depth == 0) {
            result.emplace_back();
        } else {
            result.back() += c;
        }
    }
    for (std::string& piece : result) {
        const auto first = piece.find_first_not_of(" \t");
        piece =
            first == std::string::npos ? "" : piece.substr(first, piece.find_last_not_of(" \t") - first + 1);
    }
    return result;
}

[[noreturn]] void refuse(const std::string& text, const std::string& why, Fault fault) {
    throw Error(fault, fmt::format("vcov \"{}\" {}; use iid, robust (hc1), hc2, hc3, cluster:NAME or "
                                   "cluster:NAME1+NAME2, jackknife:NAME, dk:LAGS, nw:LAGS or "
                                   "conley:LATITUDE,LONGITUDE,KM",
                                   text, why));
}

template <class Number>
bool read_number(const std::string& text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool VarianceChoice::needs_periods() const {
    return kind == panel::Variance::driscoll_kraay || kind == panel::Variance::newey_west;
}

bool VarianceChoice::resampled() const {
    return kind == panel::Variance::iid || kind == panel::Variance::robust ||
           kind == panel::Variance::cluster;
}

void VarianceChoice::set(panel::Options& options) const {
    options.variance = kind;
    options.lags = lags;
    options.radius_km = radius_km;
}

VarianceChoice parse_variance(const std::string& text, Fault fault) {
    VarianceChoice choice;
    if (text == "iid") return choice;
    for (const auto& [word, kind] :
         {std::pair{"robust", panel::Variance::robust}, std::pair{"hc1", panel::Variance::robust},
          std::pair{"hc2", panel::Variance::hc2}, std::pair{"hc3", panel::Variance::hc3}}) {
        choice.kind = kind;
        if (text == word) return choice;
    }
    const std::size_t colon = text.find(':');
    const std::string head = text.substr(0, colon);
    const std::string tail = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (head == "cluster" || head == "jackknife") {
        choice.kind = head == "cluster" ? panel::Variance::cluster : panel::Variance::jackknife;
        choice.clusters = pieces(tail, '+');
        for (const std::string& cluster : choice.clusters) {
            if (cluster.empty()) refuse(text, "lacks the name of a cluster variable", fault);
            if (cluster.find(',') != std::string::npos)
                refuse(text, "joins cluster variables with a comma; write a plus sign", fault);
        }
        for (auto c = choice.clusters.begin(); c != choice.clusters.end(); ++c) {
            if (std::find(choice.clusters.begin(), c, *c) != c)
                refuse(text, "names a cluster variable twice", fault);
        }
        if (head == "jackknife" && choice.clusters.size() > 1) {
            refuse(text,
                   "names several cluster variables: the jackknife leaves out the clusters of one "
                   "(a^b joins two)",
                   fault);
        }
        return choice;
    }
    if (head == "dk" || head == "nw") {
        choice.kind = head == "dk" ? panel::Variance::driscoll_kraay : panel::Variance::newey_west;
        if (!read_number(tail, choice.lags) || choice.lags < 0)
            refuse(text, "lacks the number of lags, a whole number from 0", fault);
        return choice;
    }
    if (head == "conley") {
        choice.kind = panel::Variance::conley;
        const auto parts = pieces(tail, ',');
        const bool valid = parts.size() == 3 && !parts[0].empty() && !parts[1].empty() &&
                           read_number(parts[2], choice.radius_km) && std::isfinite(choice.radius_km) &&
                           choice.radius_km >= 0;
        if (!valid) refuse(text, "is not two columns in degrees and a radius in km", fault);
        choice.latitude = parts[0];
        choice.longitude = parts[1];
        return choice;
    }
    refuse(text,
           "is not known" + did_you_mean(head, {"iid", "robust", "hc1", "hc2", "hc3", "cluster", "jackknife",
                                                "dk", "nw", "conley"}),
           fault);
}

DesignColumns design_columns(const VarianceChoice& variance, const std::string& aweights,
                             const std::string& fweights, Fault fault) {
    if (!aweights.empty() && !fweights.empty()) {
        throw Error(fault, fmt::format("{} {} and {} {}: a regression has weights of one kind",
                                       option_name("aweights", fault), aweights,
                                       option_name("fweights", fault), fweights));
    }
    DesignColumns extra;
    extra.clusters = variance.clusters;
    extra.latitude = variance.latitude;
    extra.longitude = variance.longitude;
    if (!aweights.empty()) extra.weight_kind = panel::WeightKind::analytic;
    if (!fweights.empty()) extra.weight_kind = panel::WeightKind::frequency;
    extra.weight = aweights.empty() ? fweights : aweights;
    return extra;
}

std::vector<std::string> parse_test(const std::string& text, Fault fault) {
    auto terms = pieces(text, ',');
    for (const std::string& term : terms) {
        if (term.empty()) {
            throw Error(fault, fmt::format("test \"{}\": a term is missing; write terms of the formula with "
                                           "commas between them, e.g. \"x1,x2\"",
                                           text));
        }
    }
    return terms;
}

}  // namespace greenfront
