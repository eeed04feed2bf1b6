#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "engine/app/commands.hpp"
#include "engine/app/regression_io.hpp"
#include "engine/group_rows.hpp"
#include "kernels/panel/groups.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/group_difference.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::app {
namespace {

using greenfront::panel::Factor;

constexpr const char* by_permutation = "permutation";
constexpr const char* as_bdiff = "bdiff-compat";

struct GroupCommand {
    RegressionInput input;
    std::string unit, term, group, split = "category", method = by_permutation, vcov;
    bool enumerate = false, draws = false;
    std::int64_t replicates = 999;
    std::uint64_t seed = 1;
    OutputFormat format;
    Threads threads;
    [[nodiscard]] bool permutes() const { return method == by_permutation || method == as_bdiff; }
};

/// The regression's rows that are in a group, and their groups.
struct Grouped {
    LoadedRegression loaded;
    Factor group;
};

Grouped load(const GroupCommand& options, const std::string& vcov) {
    RegressionInput input = options.input;
    if (input.time.empty()) input.unit.clear();  // a unit alone is what labels are permuted over
    Grouped result{load_regression(input, parse_variance(vcov, Fault::usage)), {}};
    auto& loaded = result.loaded;
    const auto keep = select(input.where, loaded.panel, Fault::usage);
    const Factor by_row = groups_of_rows(loaded.panel, keep, {options.group, options.split}, Fault::usage);
    std::vector<std::int64_t> rows;
    result.group = {by_row.name, {}, by_row.levels, by_row.level_name};
    for (std::size_t i = 0; i < loaded.design.row.size(); ++i) {
        const auto code = by_row.code[static_cast<std::size_t>(loaded.design.row[i])];
        if (code < 0) continue;
        rows.push_back(static_cast<std::int64_t>(i));
        result.group.code.push_back(code);
    }
    if (rows.size() < loaded.design.row.size())
        loaded.design = greenfront::panel::take_rows(loaded.design, rows);
    return result;
}

/// What is permuted: the levels of --unit, or rows where the data are a cross-section.
Factor units_of(const GroupCommand& options, const LoadedRegression& loaded) {
    const auto& rows = loaded.design.row;
    Factor unit;
    if (!options.unit.empty()) {
        const Factor all = make_factor(options.unit, loaded.panel);
        unit = {all.name, {}, all.levels, all.level_name};
        for (const auto row : rows) {
            const auto code = all.code[static_cast<std::size_t>(row)];
            if (code < 0)
                throw Error(Fault::data, fmt::format("{} has no value in row {} of the data; labels are "
                                                     "permuted over its values",
                                                     options.unit, row + 1));
            unit.code.push_back(code);
        }
        return unit;
    }
    if (!loaded.design.effects.empty()) {
        throw Error(Fault::usage,
                    "--unit is needed: with fixed effects the rows of one unit belong together, and a "
                    "permutation over single rows would tear them apart");
    }
    unit.name = "row";
    unit.levels = static_cast<std::int32_t>(rows.size());
    unit.code.resize(rows.size());
    std::iota(unit.code.begin(), unit.code.end(), 0);
    for (const auto row : rows) unit.level_name.push_back(fmt::to_string(row + 1));
    return unit;
}

std::string shown(const GroupCommand& options, double value) {
    if (options.format.name == "csv") return std::isfinite(value) ? fmt::format("{}", value) : "";
    return std::isfinite(value) ? fmt::format("{:.6g}", value) : ".";
}

Json group_json(const std::string& name, double estimate, double std_error, std::int64_t n) {
    return {{"group", name}, {"estimate", number(estimate)}, {"std_error", number(std_error)}, {"n", n}};
}

void permutation(const GroupCommand& options) {
    const auto [loaded, group] = load(options, "iid");
    require_regressor(loaded.design, options.term, "--term");
    resample::GroupOptions choice;
    choice.term = options.term;
    choice.replicates = options.replicates;
    choice.seed = options.seed;
    choice.enumerate = options.enumerate;
    const auto unit = units_of(options, loaded);
    const auto draws = resample::group_permutation(loaded.design, loaded.options, unit, group, choice);
    const double confidence = loaded.options.confidence;
    const auto s = resample::summarise(draws, confidence);
    const bool bdiff = options.method == as_bdiff;
    const double p = bdiff ? s.p_bdiff : s.p_value;

    Json json;
    json["method"] = options.method;
    json["term"] = draws.term;
    json["group"] = options.group;
    json["permuted"] = unit.name;
    json["units"] = draws.units;
    json["groups"] = Json::array();
    for (const auto& g : draws.group) {
        json["groups"].push_back(group_json(g.name, g.estimate, g.std_error, g.n));
        json["groups"].back()["units"] = g.units;
    }
    json["difference"] = number(draws.difference);
    json["p_value"] = number(p);
    json["p_one_sided"] = number(s.p_bdiff);
    json["p_share"] = number(s.p_share);
    json["p_share_conf"] = {number(s.share_low), number(s.share_high)};
    json["n_greater"] = s.n_greater;
    json["n_tie"] = s.n_tie;
    json["upper"] = {{"n_greater", s.upper_greater}, {"n_tie", s.upper_tie}};
    json["lower"] = {{"n_less", s.lower_less}, {"n_tie", s.upper_tie}};
    json["replicates"] = draws.draw.size();
    json["infeasible"] = s.infeasible;
    json["enumerated"] = draws.enumerated;
    json["seed"] = draws.enumerated ? Json(nullptr) : Json(options.seed);
    if (options.draws) {
        json["draws"] = Json::array();
        for (const double d : draws.draw) json["draws"].push_back(number(d));
    }

    io::Table table;
    table.title = fmt::format("Difference of {} between groups of {}: permutation over {}", draws.term,
                              options.group, unit.name);
    table.header = {"first",           "second",     "estimate first",
                    "estimate second", "difference", bdiff ? "p (bdiff, one-sided)" : "p",
                    "n_greater",       "n_tie",      "infeasible"};
    table.rows.push_back({draws.group[0].name, draws.group[1].name, shown(options, draws.group[0].estimate),
                          shown(options, draws.group[1].estimate), shown(options, draws.difference),
                          shown(options, p), fmt::to_string(s.n_greater), fmt::to_string(s.n_tie),
                          fmt::to_string(s.infeasible)});
    table.notes.push_back(fmt::format(
        "{} and {} units; {}", draws.group[0].units, draws.group[1].units,
        draws.enumerated
            ? fmt::format("all {} assignments, the observed one among them", draws.draw.size())
            : fmt::format(
                  "{} random assignments, seed {}; share of differences at least as large {:.4g}, {:g}% "
                  "interval [{:.4g}, {:.4g}]",
                  draws.draw.size(), options.seed, s.p_share, 100 * confidence, s.share_low, s.share_high)));
    if (bdiff)
        table.notes.emplace_back(
            "p as bdiff reports it: the share of differences at or above the observed one, or one less it "
            "when "
            "above 1/2; the side is chosen after looking, so double it for a two-sided test");
    if (s.infeasible > 0)
        table.notes.push_back(fmt::format(
            "{} assignments leave a group without a coefficient; they are left out", s.infeasible));
    print(options.format, json, {table});
}

void comparison(const GroupCommand& options) {
    if (options.vcov.empty() && options.unit.empty())
        throw Error(Fault::usage, "--unit or --vcov is needed: the variance of the difference rests on it");
    const std::string vcov = options.vcov.empty() ? "cluster:" + options.unit : options.vcov;
    const auto [loaded, group] = load(options, vcov);
    require_regressor(loaded.design, options.term, "--term");
    const auto how = options.method == "suest" ? greenfront::panel::GroupTest::suest
                                               : greenfront::panel::GroupTest::interaction;
    const auto result = greenfront::panel::compare_groups(loaded.design, group, how, loaded.options);
    const greenfront::panel::TermDifference* found = nullptr;
    for (const auto& term : result.terms)
        if (term.term == options.term) found = &term;
    if (found == nullptr)
        throw Error(Fault::usage, fmt::format("\"{}\" has no coefficient here", options.term));
    Json json;
    json["method"] = options.method;
    json["term"] = options.term;
    json["group"] = options.group;
    json["vcov"] = vcov;
    json["groups"] = Json::array();
    for (std::size_t g = 0; g < result.group.size(); ++g)
        json["groups"].push_back(
            group_json(result.group[g], found->estimate[g], found->std_error[g], result.fit[g].n));
    json["difference"] = number(found->difference);
    json["std_error"] = number(found->difference_se);
    json["statistic"] = number(found->statistic);
    json["df1"] = number(found->df1);
    json["df2"] = number(found->df2);
    json["p_value"] = number(found->p_value);
    for (const char* key : {"p_one_sided", "n_greater", "n_tie"}) json[key] = nullptr;
    json["replicates"] = 0;
    io::Table table;
    table.title =
        fmt::format("Difference of {} between groups of {}: {}", options.term, options.group, options.method);
    table.header = {"difference", "std_error", options.method == "suest" ? "chi2" : "F", "df1", "df2", "p"};
    table.rows.push_back({shown(options, found->difference), shown(options, found->difference_se),
                          shown(options, found->statistic), shown(options, found->df1),
                          shown(options, found->df2), shown(options, found->p_value)});
    table.notes.push_back("variance: " + vcov);
    print(options.format, json, {table});
}

void execute(const GroupCommand& given, const CLI::App& command) {
    GroupCommand options = given;
    options.unit = options.input.unit;
    for (const char* flag : {"--enumerate", "--replicates", "--seed", "--draws"}) {
        if (!options.permutes() && command.count(flag) > 0)
            throw Error(Fault::usage, fmt::format("{} belongs to --method permutation", flag));
    }
    warn_unused(command, options.enumerate, options.draws, options.format.name);
    if (options.permutes() && !options.vcov.empty())
        throw Error(Fault::usage, "--vcov belongs to --method interaction and suest");
    options.permutes() ? permutation(options) : comparison(options);
}

}  // namespace

void add_group_difference(CLI::App& program) {
    auto* command = program.add_subcommand(
        "group-difference", "does a coefficient differ between groups: permutation of units, or a Wald test");
    const auto options = std::make_shared<GroupCommand>();
    options->input.add_to(*command);
    command->get_option("--unit")->description(
        "column whose values (cities, firms) are permuted whole; a cross-section without fixed effects needs "
        "none");
    command->add_option("--term", options->term, "regressor whose coefficients are compared")->required();
    command
        ->add_option("--group", options->group,
                     "column or expression that makes the groups, such as 'gdp_2011 > 5e6'")
        ->required();
    command
        ->add_option("--split", options->split,
                     "groups: each value of the column (category), or at the median, strictly above is high")
        ->check(one_of({"category", "median"}))
        ->capture_default_str();
    command
        ->add_option(
            "--method", options->method,
            "permutation (Fisher, two-sided), bdiff-compat (the same draws, p one-sided and folded as "
            "bdiff reports it), interaction (everything interacted with the group), suest")
        ->check(one_of({by_permutation, as_bdiff, "interaction", "suest"}))
        ->capture_default_str();
    command->add_option("--vcov", options->vcov, "interaction and suest: variance (default: cluster:UNIT)");
    add_resampling(*command, options->replicates, options->seed, options->enumerate, options->draws);
    options->format.add_to(*command);
    options->threads.add_to(*command);
    command->callback([options, command] { options->threads.run([&] { execute(*options, *command); }); });
}

}  // namespace greenfront::app
