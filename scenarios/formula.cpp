#include "scenarios/formula.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "scenarios/expression_tokens.hpp"

namespace greenfront {
namespace {

/// A stretch of the formula's text.
struct Span {
    std::size_t begin = 0, end = 0;
};

class FormulaParser {
  public:
    FormulaParser(const std::string& text, Fault fault)
        : text_(text), quoted_(expression::quoted(text)), fault_(fault) {}
    Formula run();

  private:
    [[noreturn]] void error(std::size_t byte, const std::string& what) const {
        throw Error(fault_, fmt::format("formula \"{}\", position {}: {}", expression::excerpt(text_, byte),
                                        expression::place(text_, byte), what));
    }
    [[nodiscard]] Span trim(Span span) const {
        while (span.begin < span.end && std::isspace(static_cast<unsigned char>(text_[span.begin])))
            ++span.begin;
        while (span.end > span.begin && std::isspace(static_cast<unsigned char>(text_[span.end - 1])))
            --span.end;
        return span;
    }
    [[nodiscard]] std::string str(Span span) const { return text_.substr(span.begin, span.end - span.begin); }
    void check_brackets() const;
    /// Places of `symbol` outside parentheses and brackets.
    [[nodiscard]] std::vector<std::size_t> places(Span span, char symbol) const;
    [[nodiscard]] std::vector<Span> split(Span span, char symbol) const;
    /// The terms of a sum, with the sign before each.
    struct Signed {
        Span span;
        bool minus;
    };
    [[nodiscard]] std::vector<Signed> sum(Span span, const char* what) const;
    void regressors(Span span, Formula& formula) const;
    void refuse_other_notation(Span span) const;
    void add_term(Span span, std::vector<FormulaTerm>& terms) const;
    [[nodiscard]] std::vector<FormulaTerm> plain_terms(Span span, const char* what) const;
    void effects(Span span, Formula& formula) const;
    [[nodiscard]] FormulaEffect effect(Span span) const;

    /// The next `symbol` that is no part of a name or text in quotes; the end of the span without one.
    [[nodiscard]] std::size_t next(Span span, char symbol) const {
        while (span.begin < span.end && (quoted_[span.begin] || text_[span.begin] != symbol)) ++span.begin;
        return span.begin;
    }

    const std::string& text_;
    std::vector<bool> quoted_;
    Fault fault_;
};

void FormulaParser::check_brackets() const {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < text_.size(); ++i) {
        if (quoted_[i]) continue;
        const char c = text_[i];
        if (c == '(' || c == '[') open.push_back(i);
        if (c != ')' && c != ']') continue;
        if (open.empty() || text_[open.back()] != (c == ')' ? '(' : '[')) {
            error(i, fmt::format("\"{}\" closes nothing", c));
        }
        open.pop_back();
    }
    if (!open.empty()) error(open.back(), fmt::format("\"{}\" is not closed", text_[open.back()]));
}

std::vector<std::size_t> FormulaParser::places(Span span, char symbol) const {
    std::vector<std::size_t> found;
    int depth = 0;
    for (std::size_t i = span.begin; i < span.end; ++i) {
        if (quoted_[i]) continue;
        const char c = text_[i];
        if (c == '(' || c == '[') ++depth;
        if (c == ')' || c == ']') --depth;
        if (depth == 0 && c == symbol) found.push_back(i);
    }
    return found;
}

std::vector<Span> FormulaParser::split(Span span, char symbol) const {
    std::vector<Span> parts;
    std::size_t begin = span.begin;
    for (const std::size_t place : places(span, symbol)) {
        parts.push_back(trim({begin, place}));
        begin = place + 1;
    }
    parts.push_back(trim({begin, span.end}));
    return parts;
}

std::vector<FormulaParser::Signed> FormulaParser::sum(Span span, const char* what) const {
    std::vector<Signed> terms;
    std::vector<std::size_t> signs = places(span, '+');
    for (const std::size_t minus : places(span, '-')) {
        // 1e-3 and a * -2 are no differences of terms.
        const Span before = trim({span.begin, minus});
        const char last = before.end > before.begin ? text_[before.end - 1] : '+';
        const bool exponent = minus >= span.begin + 2 &&
                              (text_[minus - 1] == 'e' || text_[minus - 1] == 'E') &&
                              std::isdigit(static_cast<unsigned char>(text_[minus - 2]));
        if (!exponent && last != '*' && last != '/' && last != '^' && last != ':') signs.push_back(minus);
    }
    std::sort(signs.begin(), signs.end());
    std::size_t begin = span.begin;
    bool minus = false;
    for (std::size_t s = 0; s <= signs.size(); ++s) {
        const std::size_t end = s < signs.size() ? signs[s] : span.end;
        const Span term = trim({begin, end});
        const bool leading_sign = s == 0 && !signs.empty() && term.begin == term.end;
        if (!leading_sign) {
            if (term.begin == term.end)
                error(std::min(end, text_.size()), fmt::format("{} is missing here", what));
            terms.push_back({term, minus});
        }
        if (s < signs.size()) {
            minus = text_[signs[s]] == '-';
            begin = signs[s] + 1;
        }
    }
    return terms;
}

bool is_number(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) || c == '.' || c == 'e' || c == 'E' || c == '-' ||
               c == '+';
    }) && std::isdigit(static_cast<unsigned char>(text.back()));
}

/// Factor variables and time-series operators of other programs, with the notation for them here. Columns
/// whose names look like these stand in backquotes.
void FormulaParser::refuse_other_notation(Span span) const {
    const std::string term = str(span);
    if (term.find('`') != std::string::npos) return;
    if (const auto hash = term.find('#'); hash != std::string::npos) {
        error(span.begin + hash, "an interaction is written a:b, or a*b for a + b + a:b, without prefixes");
    }
    const auto begins = [&](const char* prefix) { return term.starts_with(prefix); };
    if (begins("i.") || begins("C(") || begins("factor(") || begins("as.factor(")) {
        error(span.begin, "dummy variables of a column are fixed effects: y ~ x | column");
    }
    if (begins("c.")) error(span.begin, "a continuous regressor has no prefix: write the column alone");
    for (const auto& [prefix, here] :
         {std::pair{"L.", "lag(x, 1)"}, std::pair{"F.", "lead(x, 1)"}, std::pair{"D.", "diff(x)"}}) {
        if (begins(prefix)) error(span.begin, fmt::format("{}x is written {}", prefix, here));
    }
}

/// a * b is a + b + a:b, unless one side is a number: then it is a product.
void FormulaParser::add_term(Span span, std::vector<FormulaTerm>& terms) const {
    refuse_other_notation(span);
    const std::vector<Span> factors = split(span, '*');
    const bool crossing =
        factors.size() > 1 && places(span, '/').empty() &&
        std::none_of(factors.begin(), factors.end(), [&](Span f) { return is_number(str(f)); });
    if (!crossing) {
        terms.push_back({str(span)});
        return;
    }
    // Twice as many terms with every factor; more than these are no model but a slip.
    constexpr std::size_t most_crossed = 8;
    if (factors.size() > most_crossed) {
        error(
            span.begin,
            fmt::format("too many factors are crossed ({}); cross {} at most, and write single interactions "
                        "as a:b",
                        factors.size(), most_crossed));
    }
    const std::size_t subsets = std::size_t{1} << factors.size();
    // By order of interaction: main effects first.
    for (std::size_t order = 1; order <= factors.size(); ++order) {
        for (std::size_t subset = 1; subset < subsets; ++subset) {
            std::string name;
            std::size_t size = 0;
            for (std::size_t f = 0; f < factors.size(); ++f) {
                if (((subset >> f) & 1U) == 0) continue;
                if (factors[f].begin == factors[f].end) error(factors[f].begin, "an operand of * is missing");
                name += (size++ > 0 ? ":" : "") + str(factors[f]);
            }
            if (size == order) terms.push_back({name});
        }
    }
}

void FormulaParser::regressors(Span span, Formula& formula) const {
    for (const Signed& term : sum(span, "a regressor")) {
        const std::string text = str(term.span);
        if (text == "1" || text == "0") {
            formula.constant = (text == "1") != term.minus;
            continue;
        }
        if (term.minus) {
            error(term.span.begin,
                  fmt::format("\"- {}\" leaves nothing out; only \"- 1\" does (a difference of columns "
                              "is written in parentheses)",
                              text));
        }
        add_term(term.span, formula.x);
    }
}

std::vector<FormulaTerm> FormulaParser::plain_terms(Span span, const char* what) const {
    std::vector<FormulaTerm> terms;
    for (const Signed& term : sum(span, what)) {
        if (term.minus) error(term.span.begin, fmt::format("{} cannot be subtracted", what));
        if (is_number(str(term.span)))
            error(term.span.begin, fmt::format("{} is expected, not a number", what));
        add_term(term.span, terms);
    }
    return terms;
}

FormulaEffect FormulaParser::effect(Span span) const {
    FormulaEffect result;
    result.text = str(span);
    Span factors = span;
    const std::size_t bracket = next(span, '[');
    if (bracket < span.end) {
        if (text_[span.end - 1] != ']') error(span.end - 1, "the slopes in brackets end a fixed effect");
        Span inside{bracket + 1, span.end - 1};
        if (text_[inside.begin] == '[') {
            if (inside.end <= inside.begin + 1 || text_[inside.end - 1] != ']') {
                error(inside.begin, "slopes without intercepts are written fe[[x]]");
            }
            result.intercept = false;
            ++inside.begin;
            --inside.end;
        }
        for (const Span slope : split(inside, ',')) {
            if (slope.begin == slope.end) error(slope.begin, "a slope variable is missing");
            result.slopes.push_back(str(slope));
        }
        factors = trim({span.begin, bracket});
    }
    for (const Span factor : split(factors, '^')) {
        if (factor.begin == factor.end) error(factor.begin, "the column of a fixed effect is missing");
        if (next(factor, '(') < factor.end) {
            error(factor.begin,
                  "a fixed effect is a column or columns joined by ^; prepare the column first");
        }
        result.factors.push_back(str(factor));
    }
    return result;
}

void FormulaParser::effects(Span span, Formula& formula) const {
    const std::vector<Span> parts = split(span, '+');
    if (parts.size() == 1 && str(parts[0]) == "0") return;
    for (const Span part : parts) {
        if (part.begin == part.end) {
            error(part.begin, "a fixed effect is missing here; write 0 for none");
        }
        if (is_number(str(part))) error(part.begin, "a fixed effect is a column; 0 alone means none");
        formula.effects.push_back(effect(part));
        const FormulaEffect& last = formula.effects.back();
        const auto same = [&](const FormulaEffect& other) { return other.text == last.text; };
        if (std::any_of(formula.effects.begin(), formula.effects.end() - 1, same))
            error(part.begin, fmt::format("the fixed effect {} stands twice", last.text));
    }
}

Formula FormulaParser::run() {
    Formula formula;
    formula.text = text_;
    check_brackets();
    const Span whole{0, text_.size()};
    const std::vector<Span> parts = split(whole, '|');
    const std::vector<std::size_t> tildes = places(parts[0], '~');
    if (tildes.size() != 1) {
        error(tildes.empty() ? parts[0].end : tildes[1],
              "a formula is written y ~ x1 + x2 | fe1 + fe2 | endogenous ~ instruments" +
                  expression::look_alike_hint(text_, "~"));
    }
    const Span left = trim({parts[0].begin, tildes[0]}), right = trim({tildes[0] + 1, parts[0].end});
    if (left.begin == left.end) error(0, "the outcome before ~ is missing");
    formula.y.text = str(left);
    std::size_t next = 1;
    bool effects_given = false;
    if (next < parts.size() && places(parts[next], '~').empty()) {
        effects(parts[next], formula);
        effects_given = true;
        ++next;
    }
    if (next < parts.size()) {
        const std::vector<std::size_t> tilde = places(parts[next], '~');
        if (tilde.size() != 1) error(parts[next].begin, "instruments are written endogenous ~ instruments");
        formula.endogenous = plain_terms(trim({parts[next].begin, tilde[0]}), "an endogenous variable");
        formula.instruments = plain_terms(trim({tilde[0] + 1, parts[next].end}), "an instrument");
        for (const FormulaTerm& instrument : formula.instruments) {
            if (instrument.text == formula.y.text)
                error(tilde[0] + 1, fmt::format("the outcome {} cannot be an instrument", formula.y.text));
        }
        ++next;
    }
    if (next < parts.size()) {
        error(parts[next].begin,
              effects_given || !formula.endogenous.empty()
                  ? "nothing can follow here; the order is y ~ x | effects | endogenous ~ instruments"
                  : "the order is y ~ x | effects | endogenous ~ instruments");
    }
    regressors(right, formula);
    return formula;
}

}  // namespace

Formula parse_formula(const std::string& text, Fault fault) {
    return FormulaParser(text, fault).run();
}

}  // namespace greenfront
