#pragma once
#include <cstdint>
#include <string>
#include <vector>

/// Figures that somebody has published, to be set beside those of a study.
namespace greenfront {

/// How far an obtained figure may lie from the published one.
struct Tolerance {
    enum class Kind : std::int8_t { none, exact, absolute, relative, std_errors };
    Kind kind = Kind::none;
    double amount =
        0;  ///< absolute: in units of the figure; relative: a share; std_errors: of the published one
};
/// "", "exact", "0.03", "5%", "0.5se". Throws std::invalid_argument that says what is wrong.
[[nodiscard]] Tolerance parse_tolerance(const std::string& text);

/// One printed number.
struct PublishedFigure {
    std::string table, column;  ///< where it stands in the publication
    std::string stage, term;    ///< a group of the results (regression/NAME, ...) and what is named in it
    std::string statistic;      ///< coefficient, std_error, n, mean, weight, ...
    double value = 0;
    std::int64_t decimals = 0;  ///< as printed
    std::string stars;          ///< as printed; "none": printed without; empty: not a matter of stars
    std::string tolerance;      ///< as parse_tolerance reads it
};

/// Whether `obtained` agrees: it lies within the tolerance, or rounds to the very figure that was printed.
/// A number that is missing does not. `std_error`: the published one, NaN where there is none.
[[nodiscard]] bool agrees(const PublishedFigure& figure, double obtained, double std_error);

/// The published standard error of each coefficient (same table, column, stage and term); NaN for all others.
[[nodiscard]] std::vector<double> published_errors(const std::vector<PublishedFigure>& figures);

}  // namespace greenfront
