#include "io/study_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <stdexcept>

#include "io/csv_text.hpp"
#include "io/file.hpp"
#include "io/published_file.hpp"
#include "io/results_panel.hpp"
#include "io/shown.hpp"
#include "io/study_read.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {

extern const char* const embedded_levers;  // levers_embedded.cpp.in

namespace {

toml::table parse(const std::string& text, const std::string& file) {
    if (is_hdf5(text)) {
        throw Error(Fault::study,
                    fmt::format("{}: is an HDF5 file, perhaps a result; a study is a text (TOML)", file));
    }
    try {
        return toml::parse(text, file);
    } catch (const toml::parse_error& error) {
        const auto place = error.source().begin;
        const std::string cure =
            is_utf8(text) ? ""
                          : fmt::format(
                                "; the file is not UTF-8: convert it, Chinese text by: iconv -f GB18030 "
                                "-t UTF-8 '{}' > utf8.toml",
                                file);
        throw Error(Fault::study, fmt::format("{}:{}:{}: is not valid TOML: {}{}", file, place.line,
                                              place.column, error.description(), cure));
    }
}

std::vector<std::string> split(const std::string& text, char mark) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find(mark, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::size_t> index(const std::string& part) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc{} || end != part.data() + part.size()) return std::nullopt;
    return value;
}

/// One --set argument on its way into the study's table.
class Setter {
  public:
    explicit Setter(std::string argument) : argument_(std::move(argument)) {
        const auto equals = argument_.find('=');
        if (equals == std::string::npos) refuse("has no \"=\"; write --set dotted.key=value");
        set_.path = trimmed(argument_.substr(0, equals));
        set_.text = argument_;
        value_ = trimmed(argument_.substr(equals + 1));
        parts_ = split(set_.path, '.');
        for (const auto& part : parts_) {
            if (part.empty()) refuse("has an empty part in its key; write --set dotted.key=value");
        }
    }

    [[nodiscard]] const StudyProblems::Set& set() const { return set_; }

    void apply(toml::table& root) const {
        toml::node* node = &root;
        for (std::size_t i = 0; i + 1 < parts_.size(); ++i) node = &step(*node, i);
        put(*node);
    }

  private:
    [[noreturn]] void refuse(const std::string& why, Fault fault = Fault::usage) const {
        throw Error(fault, fmt::format("--set {}: {}", shown(argument_), why));
    }

    /// The node that part i names inside `node`; a table is made where there is none.
    [[nodiscard]] toml::node& step(toml::node& node, std::size_t i) const {
        if (toml::table* table = node.as_table()) {
            if (toml::node* found = table->get(parts_[i])) return *found;
            if (index(parts_[i]) == std::size_t{0}) return node;  // [prepare.winsorize], the only element
            return table->insert(parts_[i], toml::table{}).first->second;
        }
        return element(node, i);
    }

    [[nodiscard]] toml::node& element(toml::node& node, std::size_t i) const {
        const std::string before =
            fmt::format("{}", fmt::join(parts_.begin(), parts_.begin() + static_cast<long>(i), "."));
        toml::array* array = node.as_array();
        if (array == nullptr) refuse(fmt::format("\"{}\" is a value, not a table", before), Fault::study);
        const auto k = index(parts_[i]);
        if (!k || *k >= array->size()) {
            refuse(
                fmt::format("\"{}\" is a list of {}; name its element by a number from 0 to {}, not \"{}\"",
                            before, array->size(), array->empty() ? 0 : array->size() - 1, parts_[i]),
                Fault::study);
        }
        return (*array)[*k];
    }

    void put(toml::node& node) const {
        const std::string& last = parts_.back();
        // The value in TOML syntax; what is not, is a bare word.
        toml::table parsed;
        bool is_toml = !value_.empty() && value_.find_first_of("\r\n") == std::string::npos;
        if (is_toml) {
            try {
                parsed = toml::parse("value = " + value_);
            } catch (const toml::parse_error&) {
                is_toml = false;
            }
        }
        if (!is_toml) parsed.insert_or_assign("value", value_);
        const auto assign = [&](auto&& place) { parsed.get("value")->visit([&](auto&& v) { place(v); }); };
        if (toml::table* table = node.as_table()) {
            assign([&](auto& v) { table->insert_or_assign(last, v); });  // a copy has no position in the file
            return;
        }
        (void)element(node, parts_.size() - 1);
        toml::array& array = *node.as_array();
        const auto place = array.cbegin() + static_cast<std::ptrdiff_t>(*index(last));
        assign([&](auto& v) { array.replace(place, v); });
    }

    std::string argument_, value_;
    StudyProblems::Set set_;
    std::vector<std::string> parts_;
};

/// dea and index stages make columns of the panel: their names must differ.
void check_clashes(const toml::table& root, const Study& study, StudyProblems& problems) {
    for (const auto& [name, stage] : study.index) {
        if (study.dea.find(name) == nullptr) continue;
        const toml::node* node = root["index"][name].node();
        problems.add(node == nullptr ? toml::source_region{} : node->source(), "index." + name,
                     fmt::format("the name is that of dea.{} too; both make a column \"{}\", so rename one",
                                 name, name));
    }
}

/// The root of a file with nothing but [lever.NAME] and [package.NAME] tables.
struct Catalogue {
    Named<Lever> lever;
    Named<Package> package;
};
template <class V>
void describe(Catalogue& c, V& v) {
    v.named("lever", c.lever, "levers");
    v.named("package", c.package, "packages of levers");
}

Catalogue embedded_catalogue() {
    const std::string name = "built-in catalogue of levers";
    StudyProblems problems(name, {});
    Catalogue catalogue;
    try {
        const toml::table root = parse(embedded_levers, name);
        StudyReader reader(root, root.source(), "", problems);
        describe(catalogue, reader);
        reader.finish();
        problems.throw_if_any();
    } catch (const Error& error) {
        throw std::logic_error(error.what());  // not the user's fault: the catalogue is part of the program
    }
    return catalogue;
}

}  // namespace

Study read_study(const std::string& path, const std::vector<std::string>& sets) {
    std::vector<Setter> setters;
    std::vector<StudyProblems::Set> places;
    for (const auto& argument : sets) {
        setters.emplace_back(argument);
        places.push_back(setters.back().set());
    }
    toml::table root = parse(read_bytes(path), path);
    for (const auto& setter : setters) setter.apply(root);

    StudyProblems problems(path, std::move(places));
    Study study;
    toml::source_region top{};
    top.begin = {1, 1};
    StudyReader reader(root, top, "", problems);
    describe(study, reader);
    reader.finish();
    check_clashes(root, study, problems);
    problems.throw_if_any();

    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!study.panel.file.starts_with("synth:") && !folder.empty()) {
        study.panel.file = (folder / study.panel.file).string();
    }
    std::string& figures = study.published.file;
    if (!figures.empty() && !embedded_figures(figures) && !folder.empty())
        figures = (folder / figures).string();
    for (auto& [name, stage] : study.dea.items) {
        if (!stage.reference_panel.empty() && !folder.empty())
            stage.reference_panel = (folder / stage.reference_panel).string();
    }
    return study;
}

Named<Lever> lever_catalogue() {
    return std::move(embedded_catalogue().lever);
}

Named<Package> package_catalogue() {
    return std::move(embedded_catalogue().package);
}

}  // namespace greenfront::io
