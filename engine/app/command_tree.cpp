#include "engine/app/command_tree.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "engine/app/commands.hpp"

namespace greenfront::app {
namespace {

struct Values {
    const char* commands;  ///< separated by blanks; "*": all that have the option
    const char* option;    ///< long flag or name of an argument
    const char* values;    ///< FILE, COLUMN, COLUMNS, or words separated by blanks; "...": others, too
};

constexpr const char* references = "contemporaneous global sequential window: trailing: biennial ...";
constexpr const char* directions = "zeros observed mean ones ...";
constexpr const char* variances = "iid robust hc1 hc2 hc3 cluster: jackknife: dk: nw: conley: ...";

constexpr Values table[] = {
    {"*", "STUDY", "FILE"},
    {"*", "PANEL", "FILE"},
    {"*", "RESULTS", "FILE"},
    {"*", "PART", "FILE"},
    {"*", "FILE", "FILE"},
    {"*", "--output", "FILE"},
    {"*", "--reference-panel", "FILE"},
    {"*", "--study", "FILE"},
    {"*", "--python", "FILE"},
    {"*", "--unit", "COLUMN"},
    {"*", "--time", "COLUMN"},
    {"*", "--groups", "COLUMN"},
    {"*", "--group", "COLUMN"},
    {"*", "--cluster", "COLUMN"},
    {"*", "--boot-cluster", "COLUMN"},
    {"*", "--within", "COLUMN"},
    {"*", "--aweights", "COLUMN"},
    {"*", "--fweights", "COLUMN"},
    {"*", "--treatment", "COLUMN"},
    {"group-difference", "--term", "COLUMN"},
    {"bootstrap", "--term", "COLUMNS"},
    {"regress", "--test", "COLUMNS"},
    {"*", "--inputs", "COLUMNS"},
    {"*", "--good", "COLUMNS"},
    {"*", "--bad", "COLUMNS"},
    {"*", "--prices-inputs", "COLUMNS"},
    {"*", "--prices-good", "COLUMNS"},
    {"*", "--environment", "COLUMNS"},
    {"*", "--positive", "COLUMNS"},
    {"*", "--negative", "COLUMNS"},
    {"run", "--shard", "slurm ..."},
    {"show", "TABLE",
     "contents describe dea dea/ boot_dea boot_dea/ returns_test separability_test productivity "
     "productivity/ index two_stage two_stage/ regression regression/ first_stage first_stage/ difference "
     "difference/ mediation mediation/ bootstrap placebo curve curve/ paper paper/ sweep/ ..."},
    {"export", "TABLE",
     "panel tidy tidy/ glance glance/ dea dea/ productivity/ index index/ regression regression/ first_stage "
     "first_stage/ difference mediation bootstrap bootstrap/ placebo placebo/ curve paper sweep/ ..."},
    {"dea", "--model", "radial sbm additive ddf nddf fdh cost revenue"},
    {"productivity", "--model", "radial sbm ddf nddf"},
    {"boot-dea", "--model", "radial sbm additive ddf nddf fdh"},
    {"partial-frontier", "--model", "order-m order-alpha"},
    {"regress", "--model", "ols truncated tobit fractional-logit"},
    {"*", "--orientation", "none input output"},
    {"*", "--returns", "crs vrs nirs ndrs"},
    {"*", "--disposability", "strong weak weak-naive"},
    {"*", "--reference", references},
    {"*", "--super-bads", "denominator numerator"},
    {"*", "--super-leave", "row unit"},
    {"*", "--digits", "16 34 100"},
    {"*", "--zeros", "drop"},
    {"*", "--slacks", "mean raw"},
    {"*", "--direction-inputs", directions},
    {"*", "--direction-good", directions},
    {"*", "--direction-bad", directions},
    {"dea boot-dea", "--weights", "thirds halves ones mip ram bam normalized items groups ..."},
    {"productivity", "--weights", "thirds halves ones items groups ..."},
    {"*", "--measure", "malmquist malmquist-luenberger luenberger"},
    {"*", "--frontier", "global adjacent sequential biennial"},
    {"*", "--decomposition", "fgnz ray-desli"},
    {"boot-dea", "--method", "homogeneous heterogeneous subsample"},
    {"boot-dea", "--test", "returns separability"},
    {"boot-dea", "--null", "crs nirs"},
    {"boot-dea", "--bandwidth", "sj rot ..."},
    {"*", "--metric", "inverse theta"},
    {"*", "--order", "reflect-shrink shrink-reflect"},
    {"*", "--smoothing", "levels logs"},
    {"*", "--algorithm", "1 2"},
    {"index", "--method", "entropy equal critic fixed"},
    {"*", "--ssc", "reghdfe ivreghdfe fixest exact-rank"},
    {"regress group-difference", "--vcov", variances},
    {"placebo", "--vcov", "iid robust cluster: ..."},
    {"*", "--estimator", "2sls liml gmm"},
    {"placebo", "--method", "trajectory within-time within-unit cell in-time"},
    {"*", "--statistic", "t coefficient"},
    {"*", "--compat", "permute ritest"},
};

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> pieces;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        if (end > begin) pieces.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return pieces;
}

/// Whether the blank-separated list has this word.
bool lists(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(' '), list.size());
        if (list.substr(0, end) == word) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

void describe(CLI::Option& option, const std::string& values) {
    if (values == "FILE" || values == "COLUMN" || values == "COLUMNS") {
        option.type_name(values);
        return;
    }
    option.check(CLI::Validator(fmt::format("{{{}}}", fmt::join(split(values, ' '), ","))));
}

OptionFacts facts_of(const CLI::Option& option) {
    OptionFacts facts;
    for (const auto& name : option.get_snames()) facts.flags.push_back("-" + name);
    for (const auto& name : option.get_lnames()) facts.flags.push_back("--" + name);
    if (facts.flags.empty()) facts.name = option.get_name(true);
    facts.help = option.get_description();
    facts.by_default = option.get_default_str();
    facts.required = option.get_required();
    facts.repeated = option.get_items_expected_max() > 1;
    if (option.get_items_expected_max() == 0) return facts;
    // "TEXT:{a,b}", "INT:INT in [1 - 4096]"
    const std::string type = option.get_type_name();
    const std::size_t colon = type.find(':');
    facts.type = type.substr(0, colon);
    if (colon == std::string::npos) return facts;
    const std::string rest = type.substr(colon + 1);
    if (rest.starts_with('{') && rest.ends_with('}')) {
        facts.words = split(rest.substr(1, rest.size() - 2), ',');
        facts.more = facts.words.back() == "...";
        if (facts.more) facts.words.pop_back();
    } else if (rest != facts.type) {
        facts.limits = rest;
    }
    return facts;
}

CommandFacts facts_of(const CLI::App& command) {
    CommandFacts facts{command.get_name(), command.get_description(), command.get_footer(), {}, {}};
    for (const CLI::Option* option : command.get_options()) {
        auto one = facts_of(*option);
        (one.flags.empty() ? facts.arguments : facts.options).push_back(std::move(one));
    }
    return facts;
}

}  // namespace

std::string OptionFacts::written() const {
    if (flags.empty()) return name;
    return fmt::format("{}{}", fmt::join(flags, ", "), takes_value() ? " " + type : "");
}

std::vector<CommandFacts> command_tree(const CLI::App& program) {
    std::vector<CommandFacts> tree{facts_of(program)};
    tree.front().name.clear();
    for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; }))
        tree.push_back(facts_of(*command));
    return tree;
}

void describe_values(CLI::App& program) {
    // Every start of the program passes here: each option is looked up once.
    std::unordered_multimap<std::string_view, const Values*> of_option;
    for (const Values& entry : table) of_option.emplace(entry.option, &entry);
    std::unordered_set<const Values*> missing;
    for (const Values& entry : table) missing.insert(&entry);
    std::string flag;
    for (CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
        const auto describe_as = [&](CLI::Option& option, const std::string& name) {
            const auto [first, last] = of_option.equal_range(name);
            for (auto entry = first; entry != last; ++entry) {
                const Values& values = *entry->second;
                if (values.commands != std::string_view("*") && !lists(values.commands, command->get_name()))
                    continue;
                describe(option, values.values);
                missing.erase(&values);
            }
        };
        for (CLI::Option* option : command->get_options()) {
            for (const std::string& name : option->get_lnames())
                describe_as(*option, flag.assign("--").append(name));
            if (option->get_positional()) describe_as(*option, option->get_name(true));
        }
    }
    for (const Values* entry : missing)
        throw std::logic_error(fmt::format("no command of \"{}\" has {}", entry->commands, entry->option));
}

}  // namespace greenfront::app
