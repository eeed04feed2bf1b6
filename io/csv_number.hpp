#pragma once
#include <string>
#include <string_view>

namespace greenfront::io {

/// How a cell reads as a number.
enum class NumberKind {
    number,
    missing,    ///< empty, NA, N/A, NaN, ., null, #N/A in any case
    malformed,  ///< meant as a number, written in a way that is refused
    text,
};

struct ParsedNumber {
    NumberKind kind = NumberKind::text;
    double value = 0;
    const char* hint = "";  ///< malformed: what is wrong and what to do
};

[[nodiscard]] bool is_missing(std::string_view cell);

/// Decimal and scientific notation with a point; a leading + is allowed. Refused with a hint: decimal
/// commas, thousands separators, percentages, infinities and numbers beyond 1.8e308. A number too small
/// for a double is 0.
[[nodiscard]] ParsedNumber parse_number(std::string_view cell);

}  // namespace greenfront::io
