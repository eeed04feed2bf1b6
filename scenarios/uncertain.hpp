#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace greenfront {

/// A parameter that may be uncertain: a number, or one of these distributions.
///
///     fixed        value
///     uniform      low, high           Q(u) = low + u (high - low)
///     triangular   low, mode, high     density rises from low to mode and falls to high
///     normal       mean, sd            Q(u) = mean + sd z(u)
///     lognormal    median, sigma       Q(u) = median exp(sigma z(u)); of either sign
///     beta         a, b [, low, high]  Q(u) = low + (high - low) I^-1(u; a, b), by default on 0..1
///
/// Q is the quantile function, z that of the standard normal distribution. A draw is Q of one uniform
/// number. The point value, used where nothing is drawn, is the median Q(1/2): it alone stays in place
/// when the parameter passes through a monotone function, as levers' parameters do.
struct Uncertain {
    std::string distribution;  ///< empty: not given, and the point value is 0
    double value = 0;          ///< of fixed
    std::optional<double> low, mode, high, mean, sd, median, sigma, a, b;

    Uncertain() = default;
    Uncertain(double fixed) : distribution("fixed"), value(fixed) {}  // numbers are parameters: not explicit
    [[nodiscard]] bool given() const { return !distribution.empty(); }
    [[nodiscard]] bool drawn() const { return given() && distribution != "fixed"; }
    bool operator==(const Uncertain&) const = default;
};

/// What is wrong with the parameter's own numbers, in words, or an empty string: an unknown distribution,
/// numbers that it lacks or has too many, low above high, a negative spread.
[[nodiscard]] std::string problem_of(const Uncertain& parameter);

/// Q(u), 0 < u < 1, of a parameter without a problem.
[[nodiscard]] double quantile(const Uncertain& parameter, double u);
[[nodiscard]] double point_value(const Uncertain& parameter);

/// The least and the greatest value that a draw can take (uniform numbers are multiples of 2^-53 in (0, 1)).
[[nodiscard]] double least_draw(const Uncertain& parameter);
[[nodiscard]] double greatest_draw(const Uncertain& parameter);

/// "0.3" or "triangular(low 0.1, mode 0.3, high 0.5)".
[[nodiscard]] std::string in_words(const Uncertain& parameter);

/// The stream that a parameter's draws come from: a hash (FNV-1a) of its lever's name and its place there,
/// such as "talent" and "operations.0.per_unit", so that it does not depend on the scenario.
[[nodiscard]] std::uint64_t stream_of(std::string_view lever, std::string_view place);

/// The uniform number of a replicate: Philox with key (seed, 0) and counter (0, stream, replicate, levers).
[[nodiscard]] double uniform_of(std::uint64_t seed, std::uint64_t stream, std::uint64_t replicate);

}  // namespace greenfront
