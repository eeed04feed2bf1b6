#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace greenfront {

/// How a numerical unit of work ended. Stored with the unit; never thrown.
enum class Status : std::int8_t {
    optimal = 0,     ///< a certified number
    infeasible = 1,  ///< the program has no feasible point: an answer
    unbounded = 2,   ///< the program has no finite optimum: an answer
    undefined = 3,   ///< the formula has no value for these data: an answer
    failed = 4,      ///< no certified answer although every method of the ladder was tried
};

inline constexpr std::array<std::string_view, 5> status_names{"optimal", "infeasible", "unbounded",
                                                              "undefined", "failed"};

[[nodiscard]] constexpr std::string_view name(Status s) {
    return status_names[static_cast<std::size_t>(s)];
}

}  // namespace greenfront
