#include <fmt/format.h>

#include <cassert>
#include <cmath>
#include <limits>

#include "io/study_file.hpp"

namespace greenfront::io {
namespace {

std::string toml_text(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                result += "\\\"";
                break;
            case '\\':
                result += "\\\\";
                break;
            case '\n':
                result += "\\n";
                break;
            case '\t':
                result += "\\t";
                break;
            case '\r':
                result += "\\r";
                break;
            default:
                result += byte < 0x20 || byte == 0x7F ? fmt::format("\\u{:04X}", byte) : std::string(1, c);
        }
    }
    return result + '"';
}

std::string toml_value(bool value) {
    return value ? "true" : "false";
}
std::string toml_value(int value) {
    return fmt::format("{}", value);
}
std::string toml_value(std::int64_t value) {
    return fmt::format("{}", value);
}
std::string toml_value(std::uint64_t value) {
    assert(value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));  // TOML's integers
    return fmt::format("{}", value);
}
std::string toml_value(double value) {
    const std::string text = fmt::format("{}", value);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}
std::string toml_value(const std::string& value) {
    return toml_text(value);
}
template <class T>
std::string toml_value(const std::vector<T>& values) {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : ", ") + toml_value(value);
    return fmt::format("[{}]", text);
}
std::string toml_value(const WordOrNumbers& value) {
    return value.numbers.empty() ? toml_value(value.word) : toml_value(value.numbers);
}
std::string toml_value(const WordOrNumber& value) {
    return value.number ? toml_value(*value.number) : toml_value(value.word);
}

std::string toml_value(const GapTarget& value) {
    return value.word.empty() ? toml_value(value.percentile) : toml_value(value.word);
}

/// Writes one object: its own keys first, then its sub-tables, as TOML wants them. A brief writer leaves out
/// what a new object has anyway.
class StudyWriter {
  public:
    explicit StudyWriter(std::string path, bool brief = false) : path_(std::move(path)), brief_(brief) {}

    template <class T>
    void field(const char* key, T& value, const char*) {
        put(key, toml_value(value));
    }
    void field(const char* key, std::optional<double>& value, const char*) {
        if (value) put(key, toml_value(*value));
    }
    void field(const char* key, Uncertain& value, const char*) {
        if (!value.given()) return;
        if (!value.drawn()) return put(key, toml_value(value.value));
        StudyWriter inner("");
        describe(value, inner);
        std::string keys = inner.text();  // a line for each; an inline table has commas
        keys.pop_back();
        for (std::size_t at = 0; (at = keys.find('\n', at)) != std::string::npos;) keys.replace(at, 1, ", ");
        put(key, fmt::format("{{ {} }}", keys));
    }
    template <class T>
    void required(const char* key, T& value, const char* help) {
        field(key, value, help);
    }
    void choice(const char* key, std::string& value, const std::vector<std::string>&, const char*) {
        put(key, toml_value(value));
    }
    template <class T>
    void list(const char* key, std::vector<T>& values, const char*) {
        for (auto& value : values) sub(fmt::format("[[{}]]", path_of(key)), path_of(key), value);
    }
    template <class T>
    void table(const char* key, T& value, const char*) {
        sub(fmt::format("[{}]", path_of(key)), path_of(key), value);
    }
    template <class T>
    void named(const char* key, Named<T>& values, const char*) {
        for (auto& [name, value] : values.items) {
            const std::string path = path_of(key) + "." + name;
            sub(fmt::format("[{}]", path), path, value);
        }
    }
    [[nodiscard]] std::string text() const { return keys_ + tables_; }

  private:
    [[nodiscard]] std::string path_of(const std::string& key) const {
        return path_.empty() ? key : path_ + "." + key;
    }
    void put(const char* key, const std::string& value) { keys_ += fmt::format("{} = {}\n", key, value); }
    template <class T>
    void sub(const std::string& heading, const std::string& path, T& value) {
        StudyWriter writer(path, brief_);
        describe(value, writer);
        if (brief_) writer.leave_out_defaults<T>();
        if (brief_ && writer.text().empty()) return;
        tables_ += fmt::format("\n{}\n{}", heading, writer.text());
    }
    template <class T>
    void leave_out_defaults() {
        T fresh{};
        StudyWriter other(path_, true);
        describe(fresh, other);
        std::string kept;
        for (std::size_t begin = 0; begin < keys_.size();) {
            const std::size_t end = keys_.find('\n', begin) + 1;
            const std::string line = keys_.substr(begin, end - begin);
            if (("\n" + other.keys_).find("\n" + line) == std::string::npos) kept += line;
            begin = end;
        }
        keys_ = kept;
    }

    std::string path_;
    bool brief_;
    std::string keys_, tables_;
};

}  // namespace

std::string write_study(const Study& study) {
    Study copy = study;  // describe() wants a changeable object
    StudyWriter writer("");
    describe(copy, writer);
    return writer.text();
}

std::string write_lever(const Lever& lever) {
    Named<Lever> one;
    one.add(lever.name) = lever;
    StudyWriter writer("", true);
    writer.named("lever", one, "");
    return writer.text().substr(1);  // it begins with an empty line
}

std::string write_package(const Package& package) {
    Named<Package> one;
    one.add(package.name) = package;
    StudyWriter writer("", true);
    writer.named("package", one, "");
    return writer.text().substr(1);
}

}  // namespace greenfront::io
