#include "engine/limited_choice.hpp"

#include <fmt/format.h>

#include <cmath>

namespace greenfront {
namespace {

const std::vector<std::string> models{"ols", "truncated", "tobit", "fractional-logit"};

void check_limits(const RegressionWords& words, const std::string& model, Fault fault) {
    const std::string lower = option_name("lower", fault), upper = option_name("upper", fault);
    const bool given = words.lower || words.upper;
    const bool limited = model == "truncated" || model == "tobit";
    if (given && !limited) {
        throw Error(
            fault,
            fmt::format("{} and {} belong to the models truncated and tobit, not to {}{}", lower, upper,
                        model, model == "fractional-logit" ? ", whose outcome lies between 0 and 1" : ""));
    }
    if (!limited) return;
    if (!given) {
        throw Error(
            fault,
            fmt::format("model {} needs a limit: {}, {} or both (1 for efficiency scores; {} when they "
                        "are at least 1, {} when they are at most 1)",
                        model, lower, upper, lower, upper));
    }
    for (const auto& limit : {words.lower, words.upper}) {
        if (limit && !std::isfinite(*limit))
            throw Error(fault,
                        fmt::format("{} and {} are finite numbers; leave out the one that does not apply",
                                    lower, upper));
    }
    if (words.lower && words.upper && !(*words.lower < *words.upper)) {
        throw Error(fault, fmt::format("{} {} is not below {} {}", lower, *words.lower, upper, *words.upper));
    }
}

void check_formula(const Formula& formula, const std::string& model, Fault fault) {
    if (!formula.endogenous.empty()) {
        throw Error(
            fault,
            fmt::format("model {} takes no instruments; leave \"endogenous ~ instruments\" out, or use "
                        "model ols",
                        model));
    }
    for (const auto& effect : formula.effects) {
        if (effect.slopes.empty()) continue;
        throw Error(fault,
                    fmt::format("model {} takes no slopes that vary by level ({}); write the products as "
                                "regressors, x:z",
                                model, effect.text));
    }
}

}  // namespace

std::optional<limited::Settings> choose_limited(const RegressionWords& words, const Formula& formula,
                                                Fault fault) {
    const std::size_t at = choose("model", words.model, models, fault);
    check_limits(words, words.model, fault);
    if (at == 0) return std::nullopt;
    check_formula(formula, words.model, fault);
    if (!words.ssc.empty()) {
        throw Error(fault,
                    fmt::format("{} counts degrees of freedom of linear models; model {} has large-sample "
                                "standard errors, leave it out",
                                option_name("ssc", fault), words.model));
    }
    for (const auto& [word, column] :
         {std::pair{"aweights", words.aweights}, std::pair{"fweights", words.fweights}}) {
        if (column.empty()) continue;
        throw Error(fault, fmt::format("{} {}: model {} takes no weights; leave them out, or use model ols",
                                       option_name(word, fault), column, words.model));
    }
    limited::Settings settings;
    settings.model = static_cast<limited::Model>(at - 1);
    settings.lower = words.lower.value_or(settings.lower);
    settings.upper = words.upper.value_or(settings.upper);
    settings.variance = parse_variance(words.vcov, fault).kind;
    using enum panel::Variance;
    if (settings.variance != iid && settings.variance != robust && settings.variance != cluster) {
        throw Error(fault,
                    fmt::format("vcov \"{}\" is not available with model {}; use iid, robust or cluster:NAME",
                                words.vcov, words.model));
    }
    settings.keep_singletons = words.keep_singletons;
    return settings;
}

limited::Fit fit_limited(const panel::Design& design, const Panel& panel, const limited::Settings& settings) {
    const Eigen::Index outside = limited::first_outside(design.y, settings);
    if (outside >= 0) {
        // The first one of the file, whatever the order of the rows in memory.
        std::int64_t first = -1;
        double value = 0;
        for (Eigen::Index i = outside; i < design.y.size(); ++i) {
            if (limited::first_outside(design.y.segment(i, 1), settings) < 0) continue;
            const std::int64_t record =
                panel.file_row[static_cast<std::size_t>(design.row[static_cast<std::size_t>(i)])];
            if (first < 0 || record < first) first = record, value = design.y[i];
        }
        const bool fractional = settings.model == limited::Model::fractional_logit;
        const double lower = fractional ? 0 : settings.lower, upper = fractional ? 1 : settings.upper;
        const bool below = value < lower;
        throw Error(
            Fault::data,
            fmt::format(
                "{}: record {}, {}: {} is {} the {} limit {} of model {}; leave such rows out or choose "
                "another limit",
                panel.source, first, design.y_name, value, below ? "below" : "above",
                below ? "lower" : "upper", below ? lower : upper, name(settings.model)));
    }
    return limited::fit(design, settings);
}

std::string name(limited::Model model) {
    return models[static_cast<std::size_t>(model) + 1];
}

}  // namespace greenfront
