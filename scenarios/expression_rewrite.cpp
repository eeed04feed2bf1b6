#include "scenarios/expression_rewrite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "scenarios/expression_tokens.hpp"
#include "scenarios/groups.hpp"
#include "scenarios/prepare.hpp"

namespace greenfront::expression {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const std::vector<std::string>& row_functions() {
    static const std::vector<std::string> known{
        "abs",  "acos",  "acosh", "asin",  "asinh", "atan", "atan2", "atanh", "avg", "ceil",
        "cos",  "cosh",  "exp",   "floor", "ln",    "log",  "log10", "log2",  "max", "min",
        "rint", "round", "sign",  "sin",   "sinh",  "sqrt", "sum",   "tan",   "tanh"};
    return known;
}
const std::vector<std::string>& column_functions() {
    static const std::vector<std::string> known{"mean", "median", "min_of", "max_of", "sum_of",
                                                "sd",   "lag",    "lead",   "diff",   "missing"};
    return known;
}
bool among(const std::vector<std::string>& known, const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
}
/// p of "p10"; 0 when the name is not of that kind.
int percentile_of(const std::string& name) {
    if (name.size() < 2 || name.size() > 3 || name[0] != 'p') return 0;
    int p = 0;
    const auto [end, status] = std::from_chars(name.data() + 1, name.data() + name.size(), p);
    return status == std::errc{} && end == name.data() + name.size() ? p : 0;
}
bool operator_word(const Token& token) {
    return is_word(token, "and") || is_word(token, "or") || is_word(token, "not") || is_word(token, "is") ||
           is_word(token, "in");
}

class Rewriter {
  public:
    Rewriter(const std::string& source, const Panel& panel, const Panel& statistics, Fault fault)
        : source_(source),
          panel_(panel),
          statistics_(statistics),
          fault_(fault),
          tokens_(tokens(source, fault)) {}

    Program run() {
        if (tokens_.size() == 1) error(tokens_[0], "the expression is empty");
        while (now().kind != TokenKind::end) rewrite_one();
        return std::move(program_);
    }

  private:
    // One level of parentheses: a comparison must not be compared again (a < b < c means something else to
    // mathematicians than to C), and min(x) of one argument is no statistic.
    struct Level {
        bool compared = false;
        std::string function;
        std::size_t commas = 0;
        Token open;
    };

    const Token& now() const { return tokens_[at_]; }
    const Token& ahead(std::size_t n = 1) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
    [[noreturn]] void error(const Token& token, const std::string& what) const {
        fail(source_, token.position, fault_, what);
    }
    void emit(const std::string& text, const Token& token) {
        program_.text += text;
        program_.origin.resize(program_.text.size(), token.position);
    }
    void emit_operand(std::vector<double> values, const Token& token) {
        emit(fmt::format(" v{} ", program_.operand.size()), token);
        program_.operand.push_back(std::move(values));
    }
    bool names_column(const Token& token) const {
        return token.kind == TokenKind::quoted_name ||
               (token.kind == TokenKind::name && !operator_word(token));
    }

    void rewrite_one();
    void rewrite_symbol();
    void rewrite_name();
    void rewrite_text_test(const Column& column, const Token& name);
    void rewrite_column_function();
    void count_comparison(const Token& token);
    std::vector<double> membership(const Column& column, const std::vector<Token>& wanted,
                                   bool negated) const;
    std::vector<Token> list();
    const Column& column(const Token& token) const;
    const std::vector<double>& numbers(const Token& token) const;
    Token argument(const Token& function, const char* what);
    int steps_argument(const Token& function);

    const std::string& source_;
    const Panel& panel_;
    const Panel& statistics_;  ///< group statistics are taken from here
    Fault fault_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    Program program_;
    std::vector<Level> levels_{Level{}};
};

const Column& Rewriter::column(const Token& token) const {
    if (panel_.has(token.text)) return panel_.column(token.text);
    std::vector<std::string> known;
    for (const auto& c : panel_.columns()) known.push_back(c.name);
    error(token, fmt::format("{} has no column \"{}\"{}", panel_.source, excerpt(token.text, 0),
                             missing_name_hint(token.text, known)));
}

const std::vector<double>& Rewriter::numbers(const Token& token) const {
    const Column& found = column(token);
    if (found.text) {
        error(token, fmt::format("column \"{}\" holds text ({}); compare it, as in {} is \"...\"", found.name,
                                 panel_.texts_in(found), found.name));
    }
    return found.number;
}

void Rewriter::count_comparison(const Token& token) {
    if (levels_.back().compared) {
        error(token, "comparisons in a row; write a < b and b < c, or put one of them in parentheses");
    }
    levels_.back().compared = true;
}

void Rewriter::rewrite_one() {
    const Token token = now();
    switch (token.kind) {
        case TokenKind::number: {
            double value = 0;
            const auto [end, status] =
                std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
            if (status != std::errc{} || end != token.text.data() + token.text.size()) {
                error(token,
                      fmt::format("\"{}\" is not a number that a double can hold", excerpt(token.text, 0)));
            }
            emit(" " + token.text + " ", token);
            ++at_;
            return;
        }
        case TokenKind::text:
            error(token, fmt::format("a text can only be compared with a column: write column is \"{}\"",
                                     token.text));
        case TokenKind::symbol:
            rewrite_symbol();
            return;
        default:
            rewrite_name();
    }
}

void Rewriter::rewrite_symbol() {
    const Token token = now();
    const std::string& s = token.text;
    if (s == "[" || s == "]") error(token, "a list in brackets stands behind the word in only");
    if (s == "<" || s == ">" || s == "<=" || s == ">=" || s == "==" || s == "!=") count_comparison(token);
    if (s == "&&" || s == "||" || s == "?" || s == ":" || s == ",") levels_.back().compared = false;
    if (s == ",") {
        if (levels_.back().function.empty()) error(token, "unexpected comma");
        ++levels_.back().commas;
    }
    if (s == "(") levels_.push_back(Level{false, "", 0, token});
    if (s == ")") {
        if (levels_.size() == 1) error(token, "this parenthesis was never opened");
        const Level& level = levels_.back();
        const bool several = level.function == "min" || level.function == "max" || level.function == "sum" ||
                             level.function == "avg";
        if (several && level.commas == 0) {
            error(level.open,
                  fmt::format("{} compares two or more values of a row; the statistic over rows is {}(x)",
                              level.function, level.function == "avg" ? "mean" : level.function + "_of"));
        }
        levels_.pop_back();
    }
    emit(s, token);
    ++at_;
}

void Rewriter::rewrite_name() {
    const Token token = now();
    if (is_word(token, "and") || is_word(token, "or") || is_word(token, "not")) {
        levels_.back().compared = levels_.back().compared && token.text == "not";
        emit(token.text == "and" ? " && " : token.text == "or" ? " || " : " ~ ", token);
        ++at_;
        return;
    }
    if (operator_word(token)) error(token, fmt::format("\"{}\" stands behind a column name", token.text));
    if (token.kind == TokenKind::name && is_symbol(ahead(), "(")) {
        if (among(column_functions(), token.text) || percentile_of(token.text) > 0) {
            rewrite_column_function();
            return;
        }
        if (!among(row_functions(), token.text)) {
            std::vector<std::string> known = row_functions();
            known.insert(known.end(), column_functions().begin(), column_functions().end());
            const std::string near = nearest(token.text, known);
            error(token,
                  fmt::format("no function \"{}\"{}", excerpt(token.text, 0),
                              near.empty() ? fmt::format("; known are {}, p1 to p99", fmt::join(known, ", "))
                                           : fmt::format("; did you mean \"{}\"?", near)));
        }
        emit(token.text, token);
        emit("(", ahead());
        levels_.push_back(Level{false, token.text, 0, token});
        at_ += 2;
        return;
    }
    if (token.kind == TokenKind::name && (token.text == "_pi" || token.text == "_e") &&
        !panel_.has(token.text)) {
        emit(" " + token.text + " ", token);
        ++at_;
        return;
    }
    const Column& found = column(token);
    ++at_;
    const bool tested =
        is_word(now(), "is") || is_word(now(), "in") || (is_word(now(), "not") && is_word(ahead(), "in"));
    const bool compared = is_symbol(now(), "==") || is_symbol(now(), "!=");
    if (tested || (compared && (found.text || ahead().kind == TokenKind::text))) {
        rewrite_text_test(found, token);
    } else {
        emit_operand(numbers(token), token);
    }
}

/// column is "a" | is not "a" | == "a" | != "a" | in ["a", "b"] | not in [...]; numbers likewise.
void Rewriter::rewrite_text_test(const Column& found, const Token& name) {
    const Token word = now();
    count_comparison(word);
    ++at_;
    bool negated = word.text == "!=" || word.text == "not";
    if (word.text == "not") ++at_;  // "not in"
    std::vector<Token> wanted;
    if (word.text == "in" || word.text == "not") {
        wanted = list();
    } else {
        if (word.text == "is" && is_word(now(), "not")) {
            negated = true;
            ++at_;
        }
        wanted.push_back(now());
        if (now().kind != TokenKind::end) ++at_;
    }
    emit_operand(membership(found, wanted, negated), name);
}

std::vector<Token> Rewriter::list() {
    if (!is_symbol(now(), "[")) error(now(), "a list is expected here, as in [\"P07\", \"P08\"]");
    ++at_;
    if (is_symbol(now(), "]")) error(now(), "the list is empty; name a value, as in [\"P07\", \"P08\"]");
    std::vector<Token> items;
    while (true) {
        Token item = now();
        if (is_symbol(item, "-") && ahead().kind == TokenKind::number) {
            ++at_;
            item = {TokenKind::number, "-" + now().text, item.position};
        }
        items.push_back(item);
        if (now().kind != TokenKind::end) ++at_;
        if (is_symbol(now(), "]")) break;
        if (!is_symbol(now(), ",")) error(now(), "a comma or ] is expected here");
        ++at_;
    }
    ++at_;
    return items;
}

std::vector<double> Rewriter::membership(const Column& found, const std::vector<Token>& wanted,
                                         bool negated) const {
    std::vector<std::string> labels;
    std::vector<double> values;
    for (const auto& token : wanted) {
        if (token.kind == TokenKind::text) {
            if (!found.text) {
                error(token,
                      fmt::format("column \"{}\" holds numbers; compare it with a number without quotes",
                                  found.name));
            }
            labels.push_back(token.text);
        } else if (token.kind == TokenKind::number) {
            if (found.text) {
                error(token,
                      fmt::format("column \"{}\" holds text; put {} in quotes", found.name, token.text));
            }
            double value = nan;
            const auto read =
                std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
            if (read.ec != std::errc{}) {
                error(token, fmt::format("\"{}\" is not a number that a double can hold", token.text));
            }
            values.push_back(value);
        } else {
            error(token, (found.text ? "a text in quotes is expected here" : "a number is expected here") +
                             look_alike_hint(token.text));
        }
    }
    std::vector<double> result(panel_.rows(), nan);
    for (std::size_t r = 0; r < result.size(); ++r) {
        if (found.text ? found.label[r].empty() : std::isnan(found.number[r])) continue;
        const bool member = found.text
                                ? std::find(labels.begin(), labels.end(), found.label[r]) != labels.end()
                                : std::find(values.begin(), values.end(), found.number[r]) != values.end();
        result[r] = member != negated ? 1 : 0;
    }
    return result;
}

/// The column name at this place of a statistic's argument list.
Token Rewriter::argument(const Token& function, const char* what) {
    const Token token = now();
    if (!names_column(token)) {
        error(token, fmt::format("{} needs {} here, a column name; derive a column first for anything else",
                                 function.text, what));
    }
    ++at_;
    if (!is_symbol(now(), ",") && !is_symbol(now(), ")")) {
        error(now(), fmt::format("{} takes column names only; derive a column first for anything else",
                                 function.text));
    }
    return token;
}

int Rewriter::steps_argument(const Token& function) {
    if (!is_symbol(now(), ",")) return 1;
    ++at_;
    int steps = 0;
    const std::string& text = now().text;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), steps);
    if (now().kind != TokenKind::number || status != std::errc{} || end != text.data() + text.size() ||
        steps < 1) {
        error(now(), fmt::format("{} needs a number of periods, 1 or more, here", function.text));
    }
    ++at_;
    return steps;
}

void Rewriter::rewrite_column_function() {
    const Token function = now();
    at_ += 2;
    const Token first = argument(function, "the column to summarise");
    std::vector<double> made;
    if (function.text == "missing") {
        const Column& found = column(first);
        for (std::size_t r = 0; r < panel_.rows(); ++r) {
            made.push_back((found.text ? found.label[r].empty() : std::isnan(found.number[r])) ? 1 : 0);
        }
    } else if (function.text == "lag" || function.text == "lead" || function.text == "diff") {
        const auto& values = numbers(first);
        const int steps = steps_argument(function);
        if (panel_.unit_column.empty() || !panel_.has_time()) {
            error(function, fmt::format("{} needs a unit and a time column", function.text));
        }
        made = lag(panel_, values, function.text == "lead" ? -steps : steps);
        if (function.text == "diff") {
            for (std::size_t r = 0; r < made.size(); ++r) made[r] = values[r] - made[r];
        }
    } else {
        (void)numbers(first);  // an unknown or text column is reported
        std::string by;
        if (is_symbol(now(), ",")) {
            ++at_;
            by = column(argument(function, "the grouping column")).name;
        }
        static const std::map<std::string, std::string> statistic{{"mean", "mean"},  {"median", "median"},
                                                                  {"min_of", "min"}, {"max_of", "max"},
                                                                  {"sum_of", "sum"}, {"sd", "sd"}};
        const auto& values = statistics_.number(first.text);
        const Groups groups = groups_of(statistics_, by);
        const int p = percentile_of(function.text);
        made = spread(p > 0 ? group_percentile(values, groups, p)
                            : group_value(values, groups, statistic.at(function.text)),
                      groups);
    }
    if (!is_symbol(now(), ")"))
        error(now(), fmt::format("{} has too many arguments; ) is expected here", function.text));
    ++at_;
    emit_operand(std::move(made), function);
}

}  // namespace

Program rewrite(const std::string& source, const Panel& panel, const Panel& statistics, Fault fault) {
    return Rewriter(source, panel, statistics, fault).run();
}

std::vector<std::string> column_names(const std::string& source, const Panel& panel) {
    std::vector<std::string> result;
    const auto words = tokens(source, Fault::study);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const Token& token = words[i];
        if (token.kind != TokenKind::quoted_name) {
            if (token.kind != TokenKind::name || operator_word(token) || is_symbol(words[i + 1], "("))
                continue;
            if ((token.text == "_pi" || token.text == "_e") && !panel.has(token.text)) continue;
        }
        if (!among(result, token.text)) result.push_back(token.text);
    }
    return result;
}

}  // namespace greenfront::expression
