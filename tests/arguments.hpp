#pragma once
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>

/// Command lines of the simulation programs below tests/.
namespace greenfront::test_arguments {

/// The positive whole number behind an option, or `otherwise`; exit 64 for anything else.
inline std::int64_t number_after(std::string_view option, int argc, char** argv, std::int64_t otherwise) {
    for (int i = 1; i + 1 < argc; ++i) {
        if (argv[i] != option) continue;
        const std::string_view text = argv[i + 1];
        std::int64_t value = 0;
        const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (fault == std::errc() && end == text.data() + text.size() && value > 0) return value;
        fmt::print(stderr, "{}: {} {} is not a positive number\n", argv[0], option, text);
        std::exit(64);
    }
    return otherwise;
}

}  // namespace greenfront::test_arguments
