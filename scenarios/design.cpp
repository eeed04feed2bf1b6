#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <memory>
#include <optional>
#include <set>

#include "kernels/panel/sample.hpp"
#include "scenarios/design_parts.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/expression_tokens.hpp"
#include "scenarios/formula.hpp"
#include "scenarios/groups.hpp"

namespace greenfront {
namespace {

bool word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' ||
           static_cast<unsigned char>(c) >= 128;
}

/// The end of the parenthesis that opens at `open`.
std::size_t closing(const std::string& text, std::size_t open) {
    const std::vector<bool> quoted = expression::quoted(text);
    int depth = 0;
    for (std::size_t i = open; i < text.size(); ++i) {
        if (quoted[i]) continue;
        if (text[i] == '(') ++depth;
        if (text[i] == ')' && --depth == 0) return i;
    }
    return text.size();
}

bool is_name(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), word_character) &&
           !std::isdigit(static_cast<unsigned char>(text[0]));
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Terms as expressions over the panel: l(), f(), d() and I() get their long names, and a lag or difference
/// of an expression becomes a column of its own first.
class TermEvaluator {
  public:
    explicit TermEvaluator(const Panel& panel) : panel_(&panel) {}

    /// A product a:b is missing where one of its operands is.
    std::vector<double> value(const std::string& term, std::vector<std::string>& warnings) {
        std::vector<double> result;
        std::size_t begin = 0;
        for (std::size_t end = 0; begin <= term.size(); begin = end + 1) {
            end = product_sign(term, begin);
            const std::vector<double> part = factor(trimmed(term.substr(begin, end - begin)), term, warnings);
            if (result.empty()) {
                result = part;
            } else {
                for (std::size_t r = 0; r < part.size(); ++r) result[r] *= part[r];
            }
        }
        return result;
    }

    /// The expression in the words of scenarios/expression.hpp, for *panel_ as it is then.
    std::string translate(const std::string& text);

  private:
    static std::size_t product_sign(const std::string& term, std::size_t begin);
    std::vector<double> factor(const std::string& text, const std::string& term,
                               std::vector<std::string>& warnings) {
        if (text.empty())
            throw Error(Fault::data, fmt::format("term \"{}\": an operand of : is missing", term));
        const std::string expression = translate(text);  // may add helper columns: before panel_ is read
        const Evaluated evaluated = evaluate(expression, *panel_, Fault::data);
        if (evaluated.not_finite > 0) {
            warnings.push_back(fmt::format("{}: no finite value in {} row{}, left out like missing ones",
                                           text, evaluated.not_finite, evaluated.not_finite == 1 ? "" : "s"));
        }
        return evaluated.value;
    }
    std::string call(const std::string& name, const std::string& arguments);

    const Panel* panel_;
    std::unique_ptr<Panel> own_;  ///< a copy with helper columns, once there are any
    int helpers_ = 0;
};

/// The next ':' outside parentheses that is no part of a choice "a ? b : c"; the end without one.
std::size_t TermEvaluator::product_sign(const std::string& term, std::size_t begin) {
    const std::vector<bool> quoted = expression::quoted(term);
    int depth = 0, choices = 0;
    for (std::size_t i = begin; i < term.size(); ++i) {
        if (quoted[i]) continue;
        if (term[i] == '(' || term[i] == '[') ++depth;
        if (term[i] == ')' || term[i] == ']') --depth;
        if (depth == 0 && term[i] == '?') ++choices;
        if (depth == 0 && term[i] == ':' && choices-- <= 0) return i;
    }
    return term.size();
}

std::string TermEvaluator::call(const std::string& name, const std::string& arguments) {
    const bool lag = name == "l" || name == "lag", lead = name == "f" || name == "lead";
    const bool difference = name == "d" || name == "diff";
    if (name == "I") return "(" + translate(arguments) + ")";
    if (!lag && !lead && !difference) return name + "(" + translate(arguments) + ")";
    const std::vector<bool> quoted = expression::quoted(arguments);
    std::size_t comma = 0;
    for (int depth = 0; comma < arguments.size(); ++comma) {
        if (quoted[comma]) continue;
        if (arguments[comma] == '(') ++depth;
        if (arguments[comma] == ')') --depth;
        if (arguments[comma] == ',' && depth == 0) break;
    }
    std::string inner = trimmed(arguments.substr(0, comma));
    const std::string rest = comma < arguments.size() ? trimmed(arguments.substr(comma + 1)) : "";
    if (!is_name(inner)) {
        const std::string expression = translate(inner);
        std::vector<double> values = evaluate(expression, *panel_, Fault::data).value;
        if (!own_) {
            own_ = std::make_unique<Panel>(*panel_);
            panel_ = own_.get();
        }
        do {
            inner = fmt::format("helper_{}", ++helpers_);
        } while (panel_->has(inner));
        own_->set_number(inner, std::move(values));
    }
    const std::string steps = rest.empty() && !difference ? "1" : rest;
    return fmt::format("{}({}{}{})",
                       lag    ? "lag"
                       : lead ? "lead"
                              : "diff",
                       inner, steps.empty() ? "" : ", ", steps);
}

std::string TermEvaluator::translate(const std::string& text) {
    const std::vector<bool> quoted = expression::quoted(text);
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        if (quoted[i] || !word_character(text[i])) {
            result += text[i++];
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && word_character(text[end])) ++end;
        const std::string word = text.substr(i, end - i);
        std::size_t open = end;
        while (open < text.size() && text[open] == ' ') ++open;
        if (open >= text.size() || text[open] != '(') {
            result += word;
            i = end;
            continue;
        }
        const std::size_t close = closing(text, open);
        result += call(word, text.substr(open + 1, close - open - 1));
        i = close + 1;
    }
    return result;
}

/// Columns of the panel named in a term. A word before a parenthesis is a function.
void add_columns(const std::string& term, const Panel& panel, std::set<std::string>& found) {
    const std::vector<bool> quoted = expression::quoted(term);
    for (std::size_t i = 0; i < term.size();) {
        if (quoted[i]) {
            const std::size_t begin = i;
            while (i < term.size() && quoted[i]) ++i;
            const std::string name = expression::unquoted(term.substr(begin, i - begin));
            if (panel.has(name)) found.insert(name);
            continue;
        }
        if (!word_character(term[i])) {
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < term.size() && word_character(term[end])) ++end;
        const std::size_t next = term.find_first_not_of(' ', end);
        const bool function = next != std::string::npos && term[next] == '(';
        const std::string word = term.substr(i, end - i);
        if (!function && panel.has(word)) found.insert(word);
        i = end;
    }
}

std::vector<std::string> split_interaction(const std::string& name) {
    const std::vector<bool> quoted = expression::quoted(name);
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (std::size_t end = 0; end <= name.size(); ++end) {
        if (end < name.size() && (quoted[end] || name[end] != '^')) continue;
        parts.push_back(expression::unquoted(trimmed(name.substr(begin, end - begin))));
        begin = end + 1;
    }
    return parts;
}

panel::Factor interact(const panel::Factor& a, const panel::Factor& b) {
    panel::Factor result;
    result.name = a.name + "^" + b.name;
    std::vector<std::int64_t> key(a.code.size(), -1), levels;
    for (std::size_t r = 0; r < key.size(); ++r) {
        if (a.code[r] >= 0 && b.code[r] >= 0)
            key[r] = static_cast<std::int64_t>(a.code[r]) * b.levels + b.code[r];
        if (key[r] >= 0) levels.push_back(key[r]);
    }
    std::sort(levels.begin(), levels.end());
    levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
    result.levels = static_cast<std::int32_t>(levels.size());
    for (const std::int64_t level : levels) {
        result.level_name.push_back(a.level_name[static_cast<std::size_t>(level / b.levels)] + "^" +
                                    b.level_name[static_cast<std::size_t>(level % b.levels)]);
    }
    result.code.reserve(key.size());
    for (const std::int64_t k : key) {
        const auto place = std::lower_bound(levels.begin(), levels.end(), k) - levels.begin();
        result.code.push_back(k < 0 ? -1 : static_cast<std::int32_t>(place));
    }
    return result;
}

/// Everything the design reads, over all rows of the panel.
struct Columns {
    std::vector<double> y;
    std::vector<std::vector<double>> x, endogenous, instruments;
    std::vector<double> weight, latitude, longitude;  ///< empty where not named
    std::vector<panel::Factor> effects, clusters;
    std::vector<std::vector<std::vector<double>>> slopes;
    std::vector<std::string> warnings;
};

Columns read_columns(const Formula& formula, const Panel& panel, const DesignColumns& extra) {
    TermEvaluator terms(panel);
    Columns columns;
    const auto all = [&](const std::vector<FormulaTerm>& list) {
        std::vector<std::vector<double>> values;
        for (const FormulaTerm& term : list) values.push_back(terms.value(term.text, columns.warnings));
        return values;
    };
    columns.y = terms.value(formula.y.text, columns.warnings);
    columns.x = all(formula.x);
    columns.endogenous = all(formula.endogenous);
    columns.instruments = all(formula.instruments);
    for (const FormulaEffect& effect : formula.effects) {
        columns.effects.push_back(make_factor(fmt::format("{}", fmt::join(effect.factors, "^")), panel));
        auto& slopes = columns.slopes.emplace_back();
        for (const std::string& slope : effect.slopes) slopes.push_back(terms.value(slope, columns.warnings));
    }
    for (const std::string& cluster : extra.clusters) columns.clusters.push_back(make_factor(cluster, panel));
    if (extra.weight_kind != panel::WeightKind::none) columns.weight = panel.number(extra.weight);
    if (!extra.latitude.empty()) columns.latitude = panel.number(extra.latitude);
    if (!extra.longitude.empty()) columns.longitude = panel.number(extra.longitude);
    return columns;
}

std::vector<std::int64_t> complete_rows(const Columns& columns, const std::vector<char>& keep,
                                        std::size_t rows) {
    std::vector<char> complete(keep);
    if (complete.empty()) complete.assign(rows, 1);
    const auto need = [&](const std::vector<double>& values) {
        for (std::size_t r = 0; r < rows; ++r)
            complete[r] = static_cast<char>(complete[r] && std::isfinite(values[r]));
    };
    need(columns.y);
    for (const auto* list : {&columns.x, &columns.endogenous, &columns.instruments}) {
        for (const auto& values : *list) need(values);
    }
    for (const auto* values : {&columns.weight, &columns.latitude, &columns.longitude}) {
        if (!values->empty()) need(*values);
    }
    for (const auto& slopes : columns.slopes) {
        for (const auto& values : slopes) need(values);
    }
    for (const auto* list : {&columns.effects, &columns.clusters}) {
        for (const auto& factor : *list) {
            for (std::size_t r = 0; r < rows; ++r) {
                complete[r] = static_cast<char>(complete[r] && factor.code[r] >= 0);
            }
        }
    }
    std::vector<std::int64_t> result;
    for (std::size_t r = 0; r < rows; ++r) {
        if (complete[r]) result.push_back(static_cast<std::int64_t>(r));
    }
    return result;
}

std::vector<std::string> texts(const std::vector<FormulaTerm>& terms) {
    std::vector<std::string> result;
    for (const FormulaTerm& term : terms) result.push_back(term.text);
    return result;
}

}  // namespace

std::vector<std::string> columns_read(const Formula& formula, const Panel& panel) {
    std::set<std::string> found;
    add_columns(formula.y.text, panel, found);
    for (const auto* list : {&formula.x, &formula.endogenous, &formula.instruments}) {
        for (const FormulaTerm& term : *list) add_columns(term.text, panel, found);
    }
    for (const FormulaEffect& effect : formula.effects) {
        for (const std::string& factor : effect.factors)
            found.insert(panel.column(expression::unquoted(factor)).name);
        for (const std::string& slope : effect.slopes) add_columns(slope, panel, found);
    }
    return {found.begin(), found.end()};
}

std::vector<std::vector<double>> evaluate_terms(const std::vector<std::string>& terms, const Panel& panel) {
    TermEvaluator evaluator(panel);
    std::vector<std::vector<double>> values;
    std::vector<std::string> warnings;  // rows without a finite value are missing, which the caller counts
    for (const auto& term : terms) {
        // A bare column, the usual regressor, needs no parser.
        const bool column = panel.has(term) && !panel.column(term).text;
        values.push_back(column ? panel.number(term) : evaluator.value(term, warnings));
    }
    return values;
}

std::vector<std::string> term_columns(const std::string& term, const Panel& panel) {
    std::set<std::string> found;
    add_columns(term, panel, found);
    return {found.begin(), found.end()};
}

panel::Factor make_factor(const std::string& name, const Panel& panel) {
    std::optional<panel::Factor> result;
    for (const std::string& part : split_interaction(name)) {
        if (part.empty()) {
            throw Error(Fault::data, fmt::format("\"{}\": a column name is missing beside ^", name));
        }
        (void)panel.column(part);  // an unknown column is reported with the nearest name
        Groups groups = groups_of(panel, part);
        panel::Factor factor{part, std::move(groups.code), static_cast<std::int32_t>(groups.label.size()),
                             std::move(groups.label)};
        result = result ? interact(*result, factor) : std::move(factor);
    }
    return std::move(*result);
}

panel::Design build_design(const Formula& formula, const Panel& panel, const std::vector<char>& keep,
                           const std::vector<std::string>& clusters) {
    DesignColumns extra;
    extra.clusters = clusters;
    return build_full_design(formula, panel, keep, extra);
}

panel::Design build_full_design(const Formula& formula, const Panel& panel, const std::vector<char>& keep,
                                const DesignColumns& extra) {
    const Columns columns = read_columns(formula, panel, extra);
    panel::Design design;
    design.warnings = columns.warnings;
    design.formula = formula.text;
    design.y_name = formula.y.text;
    design.x_name = texts(formula.x);
    design.endogenous_name = texts(formula.endogenous);
    design.instrument_name = texts(formula.instruments);
    design.constant = formula.constant;
    design.row = complete_rows(columns, keep, panel.rows());
    design.n_read = keep.empty() ? static_cast<std::int64_t>(panel.rows())
                                 : static_cast<std::int64_t>(std::count_if(keep.begin(), keep.end(),
                                                                           [](char k) { return k != 0; }));
    if (extra.weight_kind != panel::WeightKind::none) use_weights(extra, columns.weight, design);
    if (!extra.latitude.empty()) use_places(extra, columns.latitude, columns.longitude, design);
    use_roles(panel, design);
    design.y = at_rows(columns.y, design.row);
    design.X = at_rows(columns.x, design.row);
    design.endogenous = at_rows(columns.endogenous, design.row);
    design.instruments = at_rows(columns.instruments, design.row);
    for (std::size_t f = 0; f < columns.effects.size(); ++f) {
        design.effects.push_back({panel::take_rows(columns.effects[f], design.row),
                                  formula.effects[f].intercept, formula.effects[f].slopes,
                                  at_rows(columns.slopes[f], design.row)});
    }
    for (const panel::Factor& cluster : columns.clusters) {
        design.clusters.push_back(panel::take_rows(cluster, design.row));
    }
    return design;
}

}  // namespace greenfront
