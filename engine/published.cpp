#include "engine/published.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <tuple>

namespace greenfront {
namespace {

/// `text` ends with `mark`, which is taken off.
bool strip(std::string& text, const std::string& mark) {
    if (!text.ends_with(mark)) return false;
    text.erase(text.size() - mark.size());
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return true;
}

}  // namespace

Tolerance parse_tolerance(const std::string& text) {
    using enum Tolerance::Kind;
    if (text.empty()) return {};
    if (text == "exact") return {exact, 0};
    std::string number = text;
    const Tolerance::Kind kind = strip(number, "%") ? relative : strip(number, "se") ? std_errors : absolute;
    double amount = 0;
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), amount);
    if (fault != std::errc() || end != number.data() + number.size() || !(amount >= 0) || std::isinf(amount))
        throw std::invalid_argument(
            "\"" + text +
            "\" is no tolerance; write exact, a number such as 0.03, a share such as 5%, a "
            "multiple of the published standard error such as 0.5se, or nothing");
    return {kind, kind == relative ? amount / 100 : amount};
}

bool agrees(const PublishedFigure& figure, double obtained, double std_error) {
    if (std::isnan(obtained)) return false;
    const double difference = std::abs(obtained - figure.value);
    // Half a unit of the last printed digit, and rounding of the comparison itself.
    const double last_digit = 0.5 * std::pow(10.0, static_cast<double>(-figure.decimals));
    if (difference <= last_digit * (1 + 1e-9)) return true;
    const Tolerance tolerance = parse_tolerance(figure.tolerance);
    switch (tolerance.kind) {
        case Tolerance::Kind::none:
            return true;
        case Tolerance::Kind::exact:
            return false;
        case Tolerance::Kind::absolute:
            return difference <= tolerance.amount;
        case Tolerance::Kind::relative:
            return difference <= tolerance.amount * std::abs(figure.value);
        case Tolerance::Kind::std_errors:
            return difference <= tolerance.amount * std_error;  // never with a missing one
    }
    return false;
}

std::vector<double> published_errors(const std::vector<PublishedFigure>& figures) {
    using Place = std::tuple<std::string, std::string, std::string, std::string>;
    const auto place = [](const PublishedFigure& f) { return Place(f.table, f.column, f.stage, f.term); };
    std::map<Place, double> error;
    for (const auto& figure : figures) {
        if (figure.statistic == "std_error") error[place(figure)] = figure.value;
    }
    std::vector<double> result;
    for (const auto& figure : figures) {
        const auto found = error.find(place(figure));
        const bool has = figure.statistic == "coefficient" && found != error.end();
        result.push_back(has ? found->second : std::numeric_limits<double>::quiet_NaN());
    }
    return result;
}

}  // namespace greenfront
