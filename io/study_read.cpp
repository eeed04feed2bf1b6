#include "io/study_read.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "io/problems.hpp"
#include "io/shown.hpp"

namespace greenfront::io {
namespace {

std::string type_name(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::string:
            return "a text";
        case toml::node_type::integer:
            return "an integer";
        case toml::node_type::floating_point:
            return "a number";
        case toml::node_type::boolean:
            return "true or false";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::table:
            return "a table";
        default:
            return "a date or time (put it in quotes to make it a text)";
    }
}

bool identifier(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !name.empty() && letter(name[0]) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

}  // namespace

void StudyProblems::add(const toml::source_region& source, const std::string& path, const std::string& what) {
    Problem problem{source.begin, {}};
    std::string where = file_;
    if (source.begin.line > 0) {
        where = fmt::format("{}:{}:{}", file_, source.begin.line, source.begin.column);
    } else {
        problem.position = {std::numeric_limits<toml::source_index>::max(), 0};  // after the file's own
        for (const auto& set : sets_) {
            if (path == set.path || path.starts_with(set.path + ".") || set.path.starts_with(path + ".")) {
                where = "--set " + shown(set.text);
            }
        }
    }
    problem.text = path.empty() ? fmt::format("{}: {}", where, what)
                                : fmt::format("{}: {}: {}", where, shown(path), what);
    problems_.push_back(std::move(problem));
}

void StudyProblems::throw_if_any() {
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const Problem& a, const Problem& b) { return a.position < b.position; });
    Problems all(Fault::study);
    for (auto& problem : problems_) all.add(std::move(problem.text));
    all.throw_if_any();
}

void StudyReader::missing(const char* key, const char* help) {
    problems_.add(source_, path_,
                  fmt::format("the key \"{}\" is missing ({}); add {} = ...", key, help, key));
}

void StudyReader::wrong_type(const toml::node& node, const std::string& path, const std::string& expected) {
    problems_.add(node.source(), path, fmt::format("is {}, but must be {}", type_name(node), expected));
}

void StudyReader::check_name(const toml::key& name, const std::string& path) {
    if (identifier(name.str())) return;
    problems_.add(
        name.source(), path,
        fmt::format("\"{}\" cannot be a name; use letters, digits and _, a letter first", shown(name.str())));
}

void StudyReader::choice(const char* key, std::string& value, const std::vector<std::string>& allowed,
                         const char* help) {
    known_.insert(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
        if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) missing(key, help);
        return;
    }
    std::string word;
    if (!node->is_string()) {
        wrong_type(*node, path_of(key), fmt::format("one of the texts: {}", help));
        return;
    }
    read(*node, path_of(key), word);
    if (std::find(allowed.begin(), allowed.end(), word) != allowed.end()) {
        value = word;
        return;
    }
    std::vector<std::string> named;
    for (const auto& one : allowed) {
        if (!one.empty()) named.push_back('"' + one + '"');
    }
    const std::string near = nearest(word, allowed);
    problems_.add(
        node->source(), path_of(key),
        fmt::format("\"{}\" is not known; {}use {}", shown(word),
                    near.empty() ? "" : fmt::format("did you mean \"{}\"? ", near), fmt::join(named, ", ")));
}

void StudyReader::finish() {
    const std::vector<std::string> keys(known_.begin(), known_.end());
    for (auto&& [key, node] : table_) {
        const std::string name(key.str());
        if (known_.contains(name)) continue;
        const std::string near = nearest(name, keys);
        problems_.add(key.source(), path_of(name),
                      near.empty() ? fmt::format("unknown key; known here: {}", fmt::join(keys, ", "))
                                   : fmt::format("unknown key; did you mean \"{}\"?", near));
    }
}

void StudyReader::read(const toml::node& node, const std::string& path, bool& value) {
    if (const auto* boolean = node.as_boolean()) {
        value = boolean->get();
    } else {
        wrong_type(node, path, "true or false, without quotes");
    }
}

void StudyReader::read(const toml::node& node, const std::string& path, std::int64_t& value) {
    if (const auto* integer = node.as_integer()) {
        value = integer->get();
    } else {
        wrong_type(node, path, "an integer, without quotes");
    }
}

void StudyReader::read(const toml::node& node, const std::string& path, int& value) {
    std::int64_t wide = value;
    read(node, path, wide);
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
        problems_.add(node.source(), path, fmt::format("{} is too large a number here", wide));
        return;
    }
    value = static_cast<int>(wide);
}

void StudyReader::read(const toml::node& node, const std::string& path, std::uint64_t& value) {
    const auto* integer = node.as_integer();
    if (integer == nullptr) {
        wrong_type(node, path, "an integer that is not negative, without quotes");
    } else if (integer->get() < 0) {
        problems_.add(node.source(), path,
                      fmt::format("{} is negative; give 0 or a positive integer", integer->get()));
    } else {
        value = static_cast<std::uint64_t>(integer->get());
    }
}

void StudyReader::read(const toml::node& node, const std::string& path, double& value) {
    double number = 0;
    if (const auto* integer = node.as_integer()) {
        number = static_cast<double>(integer->get());
    } else if (const auto* real = node.as_floating_point()) {
        number = real->get();
    } else {
        wrong_type(node, path, "a number, without quotes");
        return;
    }
    if (!std::isfinite(number)) {
        problems_.add(node.source(), path, "must be a finite number");
        return;
    }
    value = number;
}

void StudyReader::read(const toml::node& node, const std::string& path, std::optional<double>& value) {
    double number = 0;
    const bool is_number = node.is_number();
    read(node, path, number);
    if (is_number) value = number;
}

void StudyReader::read(const toml::node& node, const std::string& path, WordOrNumbers& value) {
    value = {};
    if (node.is_array()) {
        read(node, path, value.numbers);
    } else if (node.is_string()) {
        read(node, path, value.word);
    } else {
        wrong_type(node, path, "a word in quotes or a list of numbers such as [1, 2.5]");
    }
}

void StudyReader::read(const toml::node& node, const std::string& path, WordOrNumber& value) {
    value = {};
    if (node.is_string()) {
        read(node, path, value.word);
    } else if (node.is_number()) {
        read(node, path, value.number);
    } else {
        wrong_type(node, path, "a word in quotes or a number");
    }
}

void StudyReader::read(const toml::node& node, const std::string& path, Uncertain& value) {
    if (const toml::table* table = node.as_table()) {
        value = {};
        const std::size_t before = problems_.count();
        object(*table, node.source(), path, value);
        if (problems_.count() > before) return;
        const std::string problem = problem_of(value);
        if (!problem.empty()) problems_.add(node.source(), path, problem);
    } else if (node.is_number()) {
        double number = 0;
        read(node, path, number);
        value = number;
    } else {
        wrong_type(node, path,
                   "a number, or a distribution such as { distribution = \"uniform\", low = 1, high = 2 }");
    }
}

void StudyReader::read(const toml::node& node, const std::string& path, GapTarget& value) {
    if (node.is_string()) {
        value = std::string();
        read(node, path, value.word);
    } else if (node.is_number()) {
        value = GapTarget{};
        read(node, path, value.percentile);
    } else {
        wrong_type(node, path, "a percentile such as 90, or \"mean\", \"leader\" or \"value\"");
    }
}

void StudyReader::read(const toml::node& node, const std::string& path, std::string& value) {
    const auto* text = node.as_string();
    if (text == nullptr) {
        wrong_type(node, path, "a text in quotes");
    } else if (text->get().find('\0') != std::string::npos) {
        problems_.add(node.source(), path, "contains the character \\u0000; remove it");
    } else {
        value = text->get();
    }
}

}  // namespace greenfront::io
