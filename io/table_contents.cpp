#include <fmt/format.h>

#include <algorithm>

#include "io/table_access.hpp"
#include "kernels/error.hpp"
#include "scenarios/nearest.hpp"
#include "scenarios/panel.hpp"

namespace greenfront::io {
namespace {

/// Words joined by commas in lines of at most `width` bytes, at least one line.
std::vector<std::string> wrapped(const std::vector<std::string>& words, std::size_t width) {
    std::vector<std::string> lines{""};
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string word = words[i] + (i + 1 < words.size() ? "," : "");
        if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back("");
        lines.back() += (lines.back().empty() ? "" : " ") + word;
    }
    return lines;
}

}  // namespace

Table contents_table(const Results& results) {
    Table table;
    table.header = {"Group", "Dimensions", "Datasets"};
    table.left = {true, true, true};
    for (const auto& group : results.groups) {
        std::vector<std::string> dims, datasets;
        for (const auto& variable : group.variables) {
            for (std::size_t d = 0; d < variable.dims.size(); ++d) {
                const std::string dim = fmt::format("{} {}", variable.dims[d], variable.shape[d]);
                if (std::find(dims.begin(), dims.end(), dim) == dims.end()) dims.push_back(dim);
            }
            datasets.push_back(variable.name);
        }
        const auto first = wrapped(dims, 36), second = wrapped(datasets, 60);
        for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
            table.rows.push_back({i == 0 ? "/" + group.path : "", i < first.size() ? first[i] : "",
                                  i < second.size() ? second[i] : ""});
        }
    }
    table.title = "Contents";
    if (const ResultGroup* root = results.find("")) {
        for (const char* key : {"title", "study"}) {
            if (const std::string text = text_attribute(*root, key); !text.empty()) {
                table.title = "Contents: " + text;
                break;
            }
        }
    }
    std::vector<std::string> names = table_names(results);
    table.notes.push_back("Tables: " + fmt::format("{}", fmt::join(names, ", ")));
    return table;
}

std::vector<std::string> table_names(const Results& results) {
    std::vector<std::string> names{"contents"};
    if (results.find("panel") != nullptr) names.emplace_back("describe");
    for (const char* kind :
         {"dea", "boot_dea", "returns_test", "separability_test", "productivity", "index", "two_stage",
          "regression", "first_stage", "difference", "mediation", "bootstrap", "placebo", "curve"}) {
        const auto groups = results.under(kind);
        if (groups.empty()) continue;
        names.emplace_back(kind);
        const std::string_view word = kind;
        const bool detailed = word == "dea" || word == "boot_dea" || word == "two_stage" ||
                              word == "productivity" || word == "regression" || word == "first_stage" ||
                              word == "difference" || word == "mediation" || word == "curve";
        if (!detailed) continue;
        for (const auto* group : groups) names.push_back(group->path);
    }
    const auto tables = published_tables(results);
    if (!tables.empty()) names.emplace_back("paper");
    for (const auto& published : tables) names.push_back("paper/" + published);
    for (const auto* group : results.under("sweep")) names.push_back(group->path);
    return names;
}

Table table(const Results& results, const std::string& name, const Style& style) {
    const auto names = table_names(results);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        throw Error(Fault::usage, fmt::format("there is no table \"{}\"{}; the results have {}", name,
                                              did_you_mean(name, names), fmt::join(names, ", ")));
    }
    if (name == "contents") return contents_table(results);
    if (name == "describe") return descriptives_table(results);
    if (name == "dea") return efficiency_table(results);
    if (name == "boot_dea") return boot_dea_table(results);
    if (name == "returns_test") return returns_test_table(results);
    if (name == "separability_test") return separability_test_table(results);
    if (name == "two_stage") return two_stage_table(results);
    if (name == "productivity") return productivity_table(results);
    if (name == "index") return index_table(results);
    if (name == "regression" || name == "first_stage") return regression_table(results, name, style);
    if (name == "difference") return difference_table(results);
    if (name == "mediation") return mediation_table(results, "", style);
    if (name == "bootstrap") return bootstrap_table(results);
    if (name == "placebo") return placebo_table(results);
    if (name == "paper") return published_table(results, "", style);
    if (name == "curve") return curve_table(results, "", "", style);
    const std::size_t slash = name.find('/');
    const std::string stage = name.substr(slash + 1);
    if (name.starts_with("dea/")) return scores_table(results, stage);
    if (name.starts_with("boot_dea/")) return corrected_table(results, stage);
    if (name.starts_with("two_stage/")) return delta_table(results, stage);
    if (name.starts_with("productivity/")) return changes_table(results, stage);
    if (name.starts_with("difference/")) return difference_table(results, stage);
    if (name.starts_with("mediation/")) return mediation_table(results, stage, style);
    if (name.starts_with("paper/")) return published_table(results, stage, style);
    if (name.starts_with("curve/")) return curve_table(results, stage, "", style);
    return name.starts_with("sweep/") ? ranking_table(results, stage, "")
                                      : regression_detail(results, name, style);
}

}  // namespace greenfront::io
