#include "engine/app/efficiency_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "engine/app/commands.hpp"

namespace greenfront::app {

WordOrNumbers word_or_numbers(const std::string& text) {
    WordOrNumbers value;
    for (std::size_t begin = 0; begin <= text.size() && !text.empty();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        double x = 0;
        const char* first = text.data() + begin;
        const char* last = text.data() + end;
        while (first != last && *first == ' ') ++first;
        while (first != last && last[-1] == ' ') --last;
        const auto [stop, error] = std::from_chars(first, last, x);
        if (error != std::errc() || stop != last) return {text, {}};
        value.numbers.push_back(x);
        begin = end + 1;
    }
    return value;
}

WordOrNumber word_or_number(const std::string& text) {
    const WordOrNumbers value = word_or_numbers(text);
    if (value.numbers.size() != 1) return {text, {}};
    return {"", value.numbers.front()};
}

std::vector<std::string> list(const std::string& text, const char* option) {
    return text.empty() ? std::vector<std::string>{} : names(text, option);
}

void check_columns(const std::string& unit, const std::string& time, const DeaVariables& variables) {
    for (const auto& name : variables.columns()) {
        if (name == unit || name == time) {
            throw Error(Fault::usage,
                        fmt::format("column \"{}\" has two roles: it names the rows and cannot be a "
                                    "variable of the analysis",
                                    name));
        }
    }
    if (unit == time) {
        throw Error(Fault::usage, fmt::format("column \"{}\" has two roles: --unit and --time", unit));
    }
}

std::vector<std::size_t> file_order(const Panel& panel) {
    std::vector<std::size_t> order(panel.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t x, std::size_t y) { return panel.file_row[x] < panel.file_row[y]; });
    return order;
}

}  // namespace greenfront::app
