#pragma once
#include <cstdint>
#include <string>

/// How far a stage is, how fast, and how long it will take.
namespace greenfront::io {

/// Counts the units of one stage after the other. Times are handed in, seconds from any beginning.
class Pace {
  public:
    void begin(const std::string& stage, std::int64_t units, double now);
    void resize(std::int64_t units) { units_ = units; }
    void advance(std::int64_t units, double now);
    void end() { stage_.clear(); }

    [[nodiscard]] const std::string& stage() const { return stage_; }  ///< empty: none is on its way
    [[nodiscard]] std::int64_t units() const { return units_; }
    [[nodiscard]] std::int64_t done() const { return done_; }
    [[nodiscard]] double share() const;  ///< between 0 and 1
    [[nodiscard]] double seconds(double now) const { return now - begun_; }
    /// Units a second up to the last that were done, so that it does not fall while a block is on its way;
    /// NaN before the first.
    [[nodiscard]] double rate() const;
    /// Until the stage ends at that rate, never below 0; NaN while nothing is known.
    [[nodiscard]] double seconds_left(double now) const;

  private:
    std::string stage_;
    std::int64_t units_ = 0, done_ = 0;
    double begun_ = 0, last_ = 0;
};

/// Two digits, or all before the point.
[[nodiscard]] std::string rounded(double value);
/// "7 s", "2.4 min", "31 h", "5.1 days"
[[nodiscard]] std::string duration(double seconds);
/// "210/s", "3.4/min", "1.2/h"
[[nodiscard]] std::string pace_text(double rate);

/// ", 210/s, 6 s left, 2 failed": what is known of it, and failures where there are any.
[[nodiscard]] std::string outlook(const Pace& pace, double now, std::int64_t failures);
/// The line of a terminal of `width` columns: the stage, a bar as wide as there is room for, share and
/// outlook. A stage that does not say how far it is has its time so far instead. Never wider than the
/// terminal, where a second line would stay for good.
[[nodiscard]] std::string bar_line(const Pace& pace, double now, std::int64_t failures, int width);

}  // namespace greenfront::io
