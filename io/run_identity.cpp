#include "io/run_identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace greenfront::io {
namespace {

/// Name and value, in the order of the text. A table is an entry without a value.
using Entries = std::vector<std::pair<std::string, std::string>>;

/// Lines "name: value" (hashes), "[table]", "[[element of a list]]" and "key = value"; an element is named by
/// its number among all of its list.
Entries entries_of(std::string_view text) {
    Entries entries;
    std::map<std::string, int> elements;
    std::string table;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) continue;
        if (line.starts_with("[[")) {
            table = line.substr(2, line.size() - 4);
            table += fmt::format(".{}", elements[table]++);
        } else if (line.front() == '[') {
            table = line.substr(1, line.size() - 2);
        } else {
            const std::string_view mark = line.find(" = ") == std::string::npos ? ": " : " = ";
            const std::size_t at = line.find(mark);
            const std::size_t behind = at == std::string::npos ? line.size() : at + mark.size();
            entries.emplace_back((table.empty() ? "" : table + ".") + line.substr(0, at),
                                 line.substr(behind));
            continue;
        }
        entries.emplace_back(table, "");
    }
    return entries;
}

const std::string* find(const Entries& entries, const std::string& name) {
    const auto at =
        std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.first == name; });
    return at == entries.end() ? nullptr : &at->second;
}

}  // namespace

std::string first_difference(const std::string& there, const std::string& here) {
    const Entries a = entries_of(there), b = entries_of(here);
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (i < b.size() && a[i] == b[i]) continue;
        const auto& [name, value] = a[i];
        const std::string* other = find(b, name);
        if (other == nullptr) return fmt::format("{} stands there only", name);
        if (*other != value) return fmt::format("{} is {} there and {} here", name, value, *other);
    }
    for (const auto& [name, value] : b) {
        if (find(a, name) == nullptr) return fmt::format("{} stands here only", name);
    }
    return "the order of the study's tables";
}

}  // namespace greenfront::io
