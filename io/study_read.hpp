#pragma once
#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/study.hpp"

/// The reading visitor of engine/study.hpp's describe(). Only io/study_file.cpp needs it.
namespace greenfront::io {

/// What the visitors of all tables share: where nodes come from and what is wrong with them.
class StudyProblems {
  public:
    struct Set {
        std::string path, text;  ///< dotted key, and the argument as it was given
    };
    StudyProblems(std::string file, std::vector<Set> sets) : file_(std::move(file)), sets_(std::move(sets)) {}
    /// `source` begins on line 0 for values that came from --set: their dotted path tells which.
    void add(const toml::source_region& source, const std::string& path, const std::string& what);
    /// Throws Error(Fault::study) with all problems in the file's order.
    void throw_if_any();
    [[nodiscard]] bool any() const { return !problems_.empty(); }
    [[nodiscard]] std::size_t count() const { return problems_.size(); }

  private:
    struct Problem {
        toml::source_position position;
        std::string text;
    };
    std::string file_;
    std::vector<Set> sets_;
    std::vector<Problem> problems_;
};

/// Fills one object from one TOML table. A key that is absent leaves the default.
class StudyReader {
  public:
    /// `path` is the table's dotted name, empty for the root.
    StudyReader(const toml::table& table, const toml::source_region& source, std::string path,
                StudyProblems& problems)
        : table_(table), source_(source), path_(std::move(path)), problems_(problems) {}

    template <class T>
    void field(const char* key, T& value, const char*) {
        known_.insert(key);
        if (const toml::node* node = table_.get(key)) read(*node, path_of(key), value);
    }
    template <class T>
    void required(const char* key, T& value, const char* help) {
        known_.insert(key);
        if (const toml::node* node = table_.get(key)) {
            read(*node, path_of(key), value);
            if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::vector<std::string>>) {
                const bool readable = node->is_string() || node->is_array();
                if (value.empty() && readable) {
                    problems_.add(node->source(), path_of(key), std::string("must not be empty: ") + help);
                }
            }
        } else {
            missing(key, help);
        }
    }
    void choice(const char* key, std::string& value, const std::vector<std::string>& allowed,
                const char* help);
    template <class T>
    void list(const char* key, std::vector<T>& value, const char* help);
    template <class T>
    void table(const char* key, T& value, const char* help);
    template <class T>
    void named(const char* key, Named<T>& value, const char* help);

    /// Reports the keys that no visit has named.
    void finish();

  private:
    [[nodiscard]] std::string path_of(const std::string& key) const {
        return path_.empty() ? key : path_ + "." + key;
    }
    void missing(const char* key, const char* help);
    void wrong_type(const toml::node& node, const std::string& path, const std::string& expected);
    void check_name(const toml::key& name, const std::string& path);

    void read(const toml::node& node, const std::string& path, bool& value);
    void read(const toml::node& node, const std::string& path, int& value);
    void read(const toml::node& node, const std::string& path, std::int64_t& value);
    void read(const toml::node& node, const std::string& path, std::uint64_t& value);
    void read(const toml::node& node, const std::string& path, double& value);
    void read(const toml::node& node, const std::string& path, std::string& value);
    void read(const toml::node& node, const std::string& path, std::optional<double>& value);
    void read(const toml::node& node, const std::string& path, WordOrNumbers& value);
    void read(const toml::node& node, const std::string& path, WordOrNumber& value);
    void read(const toml::node& node, const std::string& path, Uncertain& value);
    void read(const toml::node& node, const std::string& path, GapTarget& value);
    template <class T>
    void read(const toml::node& node, const std::string& path, std::vector<T>& value);

    /// describe() of one object in the table `node`.
    template <class T>
    void object(const toml::table& node, const toml::source_region& source, const std::string& path,
                T& value) {
        StudyReader reader(node, source, path, problems_);
        describe(value, reader);
        reader.finish();
    }

    const toml::table& table_;
    toml::source_region source_;
    std::string path_;
    StudyProblems& problems_;
    std::set<std::string> known_;
};

template <class T>
void StudyReader::read(const toml::node& node, const std::string& path, std::vector<T>& value) {
    const toml::array* array = node.as_array();
    if (array == nullptr) {
        wrong_type(node, path,
                   std::is_same_v<T, std::string> ? "a list of texts such as [\"a\", \"b\"]"
                                                  : "a list of numbers such as [1, 2.5]");
        return;
    }
    value.clear();
    for (std::size_t i = 0; i < array->size(); ++i) {
        T element{};
        read((*array)[i], path + "." + std::to_string(i), element);
        value.push_back(std::move(element));
    }
}

template <class T>
void StudyReader::list(const char* key, std::vector<T>& value, const char*) {
    known_.insert(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return;
    value.clear();
    const auto append = [&](const toml::node& element, const std::string& path) {
        const toml::table* table = element.as_table();
        if (table == nullptr) {
            wrong_type(element, path, "a table of keys; write [[" + path_of(key) + "]]");
            return;
        }
        T object_value{};
        object(*table, element.source(), path, object_value);
        value.push_back(std::move(object_value));
    };
    if (const toml::array* array = node->as_array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            append((*array)[i], path_of(key) + "." + std::to_string(i));
    } else {
        append(*node, path_of(key));  // [prepare.winsorize] for one element
    }
}

template <class T>
void StudyReader::table(const char* key, T& value, const char*) {
    known_.insert(key);
    static const toml::table nothing;
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
        object(nothing, source_, path_of(key), value);  // its required keys are missing all the same
    } else if (const toml::table* sub = node->as_table()) {
        object(*sub, node->source(), path_of(key), value);
    } else {
        wrong_type(*node, path_of(key), "a table: [" + path_of(key) + "]");
    }
}

template <class T>
void StudyReader::named(const char* key, Named<T>& value, const char*) {
    known_.insert(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return;
    const toml::table* tables = node->as_table();
    if (tables == nullptr) {
        wrong_type(*node, path_of(key), "tables with names: [" + path_of(key) + ".NAME]");
        return;
    }
    struct Entry {
        const toml::key* name;
        const toml::node* node;
    };
    std::vector<Entry> entries;
    for (auto&& [name, entry] : *tables) entries.push_back({&name, &entry});
    // toml++ sorts by name; the file's order counts. What --set added has no line and comes last.
    const auto line = [](const Entry& e) {
        const auto begin = e.name->source().begin;
        return std::pair(begin.line == 0 ? ~toml::source_index{0} : begin.line, begin.column);
    };
    std::stable_sort(entries.begin(), entries.end(),
                     [&](const Entry& a, const Entry& b) { return line(a) < line(b); });
    for (const Entry& entry : entries) {
        const std::string path = path_of(key) + "." + std::string(entry.name->str());
        const toml::table* table = entry.node->as_table();
        if (table == nullptr) {
            wrong_type(*entry.node, path,
                       "a table with a name of your choice: write [" + path_of(key) + ".NAME] above it");
            continue;
        }
        check_name(*entry.name, path);
        T& item = value.add(std::string(entry.name->str()));
        if constexpr (std::is_same_v<T, Lever> || std::is_same_v<T, Package>) item.name = entry.name->str();
        object(*table, entry.node->source(), path, item);
    }
}

}  // namespace greenfront::io
