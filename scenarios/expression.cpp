#include "scenarios/expression.hpp"

#include <fmt/format.h>
#include <muParser.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "scenarios/expression_rewrite.hpp"
#include "scenarios/expression_tokens.hpp"

namespace greenfront {
namespace {

using expression::Program;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// What muParser's complaint means in the user's words.
std::string explanation(const mu::Parser::exception_type& problem) {
    const std::string token = problem.GetToken();
    switch (problem.GetCode()) {
        case mu::ecUNEXPECTED_OPERATOR:
            return "an operand is missing before this operator";
        case mu::ecUNEXPECTED_EOF:
            return "the expression ends too early; an operand is missing";
        case mu::ecMISSING_PARENS:
            return "a closing parenthesis is missing";
        case mu::ecUNEXPECTED_PARENS:
            return "an operand or operator is missing at this parenthesis";
        case mu::ecUNEXPECTED_ARG_SEP:
        case mu::ecUNEXPECTED_ARG:
            return "an unexpected argument or comma";
        case mu::ecUNEXPECTED_VAL:
        case mu::ecUNEXPECTED_VAR:
        case mu::ecUNEXPECTED_FUN:
            return "an operator is missing before this";
        case mu::ecTOO_MANY_PARAMS:
            return fmt::format("too many arguments of {}", token);
        case mu::ecTOO_FEW_PARAMS:
            return fmt::format("too few arguments of {}", token);
        case mu::ecUNEXPECTED_CONDITIONAL:
        case mu::ecMISSING_ELSE_CLAUSE:
        case mu::ecMISPLACED_COLON:
            return "a choice is written condition ? value : other value";
        case mu::ecEXPRESSION_TOO_LONG:
            return "the expression is too long; derive parts of it first";
        default:
            return fmt::format("cannot be understood ({})", problem.GetMsg());
    }
}

double negation(double x) {
    return x == 0 ? 1 : 0;
}
double natural_log(double x) {
    return std::log(x);
}
double floor_of(double x) {
    return std::floor(x);
}
double ceil_of(double x) {
    return std::ceil(x);
}
double round_of(double x) {
    return std::round(x);
}

/// All parsers read numbers by one std::locale. The standard library fills its cache at the first number, and
/// nothing orders that write with what other threads read; the initialisation of a static does.
void fill_shared_cache() {
    static const double number = [] {
        mu::Parser parser;
        parser.SetExpr("0.5");
        return parser.Eval();
    }();
    (void)number;
}

/// A compiled program with the operands of one row at a time. muParser's bulk mode would start threads of its
/// own.
class Evaluator {
  public:
    Evaluator(const Program& program, const std::string& source, Fault fault) : row_(program.operand.size()) {
        fill_shared_cache();
        try {
            parser_.DefineFun("log", natural_log);
            parser_.DefineFun("floor", floor_of);
            parser_.DefineFun("ceil", ceil_of);
            parser_.DefineFun("round", round_of);
            parser_.DefineInfixOprtChars("~!+-");
            parser_.DefineInfixOprt("!", negation);
            parser_.DefineInfixOprt("~", negation, mu::prLOGIC);  // not a == b is not (a == b)
            for (std::size_t v = 0; v < row_.size(); ++v) parser_.DefineVar(fmt::format("v{}", v), &row_[v]);
            parser_.SetExpr(program.text);
            (void)parser_.Eval();  // compiles: every syntax error shows here
        } catch (const mu::Parser::exception_type& problem) {
            const int place = static_cast<int>(problem.GetPos());
            const auto at = static_cast<std::size_t>(std::max(place, 0));
            const std::size_t position =
                place >= 0 && at < program.origin.size() ? program.origin[at] : source.size();
            expression::fail(source, position, fault, explanation(problem));
        }
    }

    double operator()(const Program& program, std::size_t r) {
        for (std::size_t v = 0; v < row_.size(); ++v) row_[v] = program.operand[v][r];
        return parser_.Eval();
    }

  private:
    std::vector<double> row_;
    mu::Parser parser_;
};

bool complete(const Program& program, std::size_t r) {
    return std::none_of(program.operand.begin(), program.operand.end(),
                        [r](const std::vector<double>& values) { return std::isnan(values[r]); });
}

}  // namespace

Evaluated evaluate(const std::string& expression, const Panel& panel, Fault fault) {
    return evaluate(expression, panel, panel, fault);
}

Evaluated evaluate(const std::string& expression, const Panel& panel, const Panel& statistics, Fault fault) {
    const Program program = expression::rewrite(expression, panel, statistics, fault);
    Evaluator evaluator(program, expression, fault);
    Evaluated result;
    result.value.assign(panel.rows(), nan);
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (!complete(program, r)) continue;
        const double value = evaluator(program, r);
        if (std::isfinite(value)) {
            result.value[r] = value;
        } else {
            ++result.not_finite;
        }
    }
    return result;
}

std::vector<char> select(const std::string& expression, const Panel& panel, Fault fault) {
    return select(expression, panel, panel, fault);
}

std::vector<char> select(const std::string& expression, const Panel& panel, const Panel& statistics,
                         Fault fault) {
    if (expression.find_first_not_of(" \t\r\n") == std::string::npos)
        return std::vector<char>(panel.rows(), 1);
    const Evaluated evaluated = evaluate(expression, panel, statistics, fault);
    std::vector<char> keep(panel.rows());
    for (std::size_t r = 0; r < keep.size(); ++r) {
        keep[r] = !std::isnan(evaluated.value[r]) && evaluated.value[r] != 0 ? 1 : 0;
    }
    return keep;
}

std::vector<std::string> columns_read(const std::string& expression, const Panel& panel) {
    return expression::column_names(expression, panel);
}

}  // namespace greenfront
