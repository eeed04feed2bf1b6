#include "io/pace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace greenfront::io {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Columns of a text in UTF-8, one a character.
int columns(const std::string& text) {
    return static_cast<int>(
        text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_character)));
}

std::string cut(const std::string& text, int most) {
    std::size_t end = 0;
    for (int used = 0; end < text.size(); ++end) {
        if (!continues_character(text[end]) && used++ == most) break;
    }
    return text.substr(0, end);
}

}  // namespace

void Pace::begin(const std::string& stage, std::int64_t units, double now) {
    stage_ = stage;
    units_ = units;
    done_ = 0;
    begun_ = last_ = now;
}

void Pace::advance(std::int64_t units, double now) {
    done_ += units;
    last_ = now;
}

double Pace::share() const {
    return units_ > 0 ? std::clamp(static_cast<double>(done_) / static_cast<double>(units_), 0.0, 1.0) : 0;
}

double Pace::rate() const {
    return done_ > 0 && last_ > begun_ ? static_cast<double>(done_) / (last_ - begun_) : nan;
}

double Pace::seconds_left(double now) const {
    const double at_last = static_cast<double>(units_ - done_) / rate();
    return std::isnan(at_last) ? nan : std::max(0.0, at_last - (now - last_));
}

std::string rounded(double value) {
    return value < 99.5 ? fmt::format("{:.2g}", value) : fmt::format("{:.0f}", value);
}

std::string duration(double seconds) {
    if (seconds < 120) return rounded(seconds) + " s";
    if (seconds < 7200) return rounded(seconds / 60) + " min";
    if (seconds < 172800) return rounded(seconds / 3600) + " h";
    return rounded(seconds / 86400) + " days";
}

std::string pace_text(double rate) {
    if (rate >= 1) return rounded(rate) + "/s";
    if (rate * 60 >= 1) return rounded(rate * 60) + "/min";
    return rounded(rate * 3600) + "/h";
}

std::string outlook(const Pace& pace, double now, std::int64_t failures) {
    std::string text;
    if (const double rate = pace.rate(); !std::isnan(rate)) {
        text += ", " + pace_text(rate);
        // Two digits of what lasts less than a second change too often to be read.
        const double left = pace.seconds_left(now);
        text += ", " + (left < 1 ? std::string("< 1 s") : duration(left)) + " left";
    }
    if (failures > 0) text += fmt::format(", {} failed", failures);
    return text;
}

std::string bar_line(const Pace& pace, double now, std::int64_t failures, int width) {
    const std::string facts =
        pace.done() > 0 || pace.seconds(now) < 1
            ? fmt::format(" {:3.0f} %{}", 100 * pace.share(), outlook(pace, now, failures))
            : fmt::format(" {}{}", duration(std::floor(pace.seconds(now))), outlook(pace, now, failures));
    const int room = width - columns(pace.stage()) - columns(facts) - 3;  // a blank and two brackets
    if (room < 5) return cut(pace.stage() + facts, width);
    const int bar = std::min(room, 30);
    const int full = static_cast<int>(pace.share() * bar);
    return fmt::format("{} [{:#<{}}{:.<{}}]{}", pace.stage(), "", full, "", bar - full, facts);
}

}  // namespace greenfront::io
