#pragma once
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "scenarios/panel.hpp"

/// Small panels and checks for the tests of this layer.
namespace greenfront::scenarios_test {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

inline Column numbers(const std::string& name, std::vector<double> values) {
    return {name, false, std::move(values), {}, {}};
}
inline Column labels(const std::string& name, std::vector<std::string> values) {
    return {name, true, {}, std::move(values), {}};
}

/// Two units, three years; unit b comes first in the file, and its years are out of order.
inline Panel small() {
    return Panel::from_table(
        "small.csv",
        {labels("city", {"b", "b", "b", "a", "a", "a"}),
         numbers("year", {2003, 2001, 2002, 2001, 2002, 2003}),
         labels("province", {"P2", "P2", "", "P1", "P1", "P1"}), numbers("x", {6, 4, 5, 1, 2, 3}),
         numbers("gap", {60, 40, missing, missing, 20, 30})},
        "city", "year");
}

/// NaN equals NaN; else within 1e-12 relative.
inline void check_close(const std::vector<double>& found, const std::vector<double>& expected,
                        double relative = 1e-12) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        CAPTURE(i);
        CAPTURE(found[i]);
        CAPTURE(expected[i]);
        if (std::isnan(expected[i])) {
            CHECK(std::isnan(found[i]));
        } else {
            CHECK(std::abs(found[i] - expected[i]) <= relative * std::max(1.0, std::abs(expected[i])));
        }
    }
}

/// The call throws Error with this fault, and its message has every one of the parts.
inline void check_error(const std::function<void()>& call, Fault fault,
                        const std::vector<std::string>& parts) {
    try {
        call();
    } catch (const Error& error) {
        const std::string message = error.what();
        CAPTURE(message);
        CHECK(error.fault() == fault);
        for (const auto& part : parts) {
            CAPTURE(part);
            CHECK(message.find(part) != std::string::npos);
        }
        return;
    }
    FAIL("no Error was thrown");
}

}  // namespace greenfront::scenarios_test
