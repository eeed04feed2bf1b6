#include <fmt/format.h>

#include "io/study_file.hpp"

namespace greenfront::io {
namespace {

const char* const introduction = R"(# The study file

A study is one TOML file: the panel, its preparation and the stages to run. `greenfront plan STUDY.toml` checks all of
it without running anything, `greenfront run STUDY.toml -o results.h5` runs it. This page lists every key; it is
made from the program's own description of a study, and a test fails when it is out of date.

```toml
name = "cities"

[panel]
file = "panel.csv"        # next to this file
unit = "city"
time = "year"

[[prepare.winsorize]]
columns = ["gdp", "co2"]

[dea.coor]                # makes a column "coor"
inputs = ["capital", "labour", "energy"]
good = ["gdp"]
bad = ["co2"]
reference = "global"

[regression.baseline]
formula = "coor ~ digital + gov | city + year"
vcov = "cluster:city"
```

- Every problem of the file is reported at once, with its line and column; an unknown key is an error. When the file is in order, all problems that it has with the panel follow.
- A stage has a name of your choice (letters, digits, `_`; a letter first). A `dea`, `boot_dea`, `productivity` or `index` stage makes a column
  of that name, which later stages may use, so their names must differ.
- Stages keep the order of the file in tables.
- `--set key=value` changes a key from the command line: `--set dea.coor.returns=vrs`,
  `--set prepare.winsorize.0.low=5`. The value is written as in TOML; what is not TOML is a text.
- A whole number is accepted where a number with decimals is expected. One table `[prepare.lag]` stands for a list of
  one `[[prepare.lag]]`.
- A parameter of a lever may be uncertain: where a "number or distribution" is expected, write `0.3` or
  `{ distribution = "triangular", low = 0.1, mode = 0.3, high = 0.5 }` (docs/methods/levers.md).
- `panel.file` may be `synth:CITIESxFIRST-LAST`, the built-in synthetic panel; `@SEED` behind it draws another one. The study's `seed` does not
  change the panel.
- TOML's integers end at 9223372036854775807, and with them a study's `seed`; `--seed` of the one-shot commands goes up to 18446744073709551615.
)";

const char* type_of(const bool&) {
    return "true or false";
}
const char* type_of(const int&) {
    return "integer";
}
const char* type_of(const std::int64_t&) {
    return "integer";
}
const char* type_of(const std::uint64_t&) {
    return "integer";
}
const char* type_of(const double&) {
    return "number";
}
const char* type_of(const std::string&) {
    return "text";
}
const char* type_of(const std::vector<std::string>&) {
    return "texts";
}
const char* type_of(const std::vector<double>&) {
    return "numbers";
}
const char* type_of(const WordOrNumbers&) {
    return "text or numbers";
}
const char* type_of(const WordOrNumber&) {
    return "text or number";
}
const char* type_of(const std::optional<double>&) {
    return "number";
}
const char* type_of(const Uncertain&) {
    return "number or distribution";
}
const char* type_of(const GapTarget&) {
    return "number or text";
}

std::string shown(bool value) {
    return value ? "`true`" : "`false`";
}
std::string shown(int value) {
    return fmt::format("`{}`", value);
}
std::string shown(std::int64_t value) {
    return fmt::format("`{}`", value);
}
std::string shown(std::uint64_t value) {
    return fmt::format("`{}`", value);
}
std::string shown(double value) {
    return fmt::format("`{}`", value);
}
std::string shown(const std::string& value) {
    return value.empty() ? "" : fmt::format("`\"{}\"`", value);
}
std::string shown(const std::vector<std::string>& values) {
    return values.empty() ? "" : fmt::format("`[\"{}\"]`", fmt::join(values, "\", \""));
}
std::string shown(const std::vector<double>& values) {
    return values.empty() ? "" : fmt::format("`[{}]`", fmt::join(values, ", "));
}
std::string shown(const std::optional<double>& value) {
    return value ? shown(*value) : "";
}
std::string shown(const WordOrNumbers& value) {
    return value.numbers.empty() ? shown(value.word) : shown(value.numbers);
}
std::string shown(const WordOrNumber& value) {
    return value.number ? shown(*value.number) : shown(value.word);
}
std::string shown(const Uncertain& value) {
    return value.given() ? fmt::format("`{}`", in_words(value)) : "";
}
std::string shown(const GapTarget& value) {
    return value.word.empty() ? shown(value.percentile) : shown(value.word);
}

/// A section of the page for each table.
class Page {
  public:
    explicit Page(std::string path) : path_(std::move(path)) {}

    template <class T>
    void field(const char* key, T& value, const char* help) {
        row(key, type_of(value), shown(value), help);
    }
    template <class T>
    void required(const char* key, T& value, const char* help) {
        row(key, type_of(value), "required", help);
    }
    void choice(const char* key, std::string& value, const std::vector<std::string>& allowed,
                const char* help) {
        std::string words;
        bool has_default = false;
        for (const auto& word : allowed) {
            if (!word.empty()) words += fmt::format("{}`\"{}\"`", words.empty() ? "" : ", ", word);
            has_default = has_default || word == value;
        }
        row(key, words, has_default ? shown(value) : "required", help);
    }
    template <class T>
    void list(const char* key, std::vector<T>&, const char* help) {
        T object{};
        section(fmt::format("[[{}]]", path_of(key)), path_of(key), object, help);
    }
    template <class T>
    void table(const char* key, T& value, const char* help) {
        section(fmt::format("[{}]", path_of(key)), path_of(key), value, help);
    }
    template <class T>
    void named(const char* key, Named<T>&, const char* help) {
        T object{};
        const std::string path = path_of(key) + ".NAME";
        section(fmt::format("[{}]", path), path, object, help);
    }
    [[nodiscard]] std::string text() const {
        const std::string table =
            rows_.empty() ? "" : "\n| key | value | default | meaning |\n|---|---|---|---|\n" + rows_;
        return table + sections_;
    }

  private:
    [[nodiscard]] std::string path_of(const std::string& key) const {
        return path_.empty() ? key : path_ + "." + key;
    }
    void row(const char* key, const std::string& type, const std::string& value, const char* help) {
        std::string meaning;
        for (const char* c = help; *c != '\0'; ++c)
            meaning += *c == '|' ? std::string("\\|") : std::string(1, *c);
        rows_ += fmt::format("| `{}` | {} | {} | {} |\n", key, type, value, meaning);
    }
    template <class T>
    void section(const std::string& heading, const std::string& path, T& value, const char* help) {
        Page page(path);
        describe(value, page);
        sections_ += fmt::format("\n## `{}`: {}\n{}", heading, help, page.text());
    }

    std::string path_, rows_, sections_;
};

}  // namespace

std::string study_reference() {
    Study study;
    Page page("");
    describe(study, page);
    return fmt::format("{}\n## The top of the file\n{}", introduction, page.text());
}

}  // namespace greenfront::io
