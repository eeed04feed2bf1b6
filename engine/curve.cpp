#include "engine/curve.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "engine/winsorized.hpp"
#include "kernels/error.hpp"
#include "scenarios/formula.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront {
namespace {

/// A letter of any script, a digit or an underscore.
bool word_byte(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

/// A choice as part of a stage's name: "window:3" is window3, "super-sbm" super_sbm.
std::string name_part(const std::string& choice) {
    std::string part;
    for (const char c : choice) {
        if (c == '-' || c == '.') part += '_';
        if (word_byte(c)) part += c;
    }
    return part;
}

/// "off", or "1-99" as two percentiles; none for "off".
std::vector<double> parse_clipping(const std::string& text) {
    if (text == "off") return {};
    std::vector<double> percentiles(2, -1);
    const char* const end = text.data() + text.size();
    const auto [dash, low_fault] = std::from_chars(text.data(), end, percentiles[0]);
    if (low_fault != std::errc() || dash == end || *dash != '-')
        throw Error(Fault::study,
                    fmt::format("winsorize \"{}\": write off, or two percentiles such as 1-99", text));
    const auto [stop, high_fault] = std::from_chars(dash + 1, end, percentiles[1]);
    if (high_fault != std::errc() || stop != end) percentiles.pop_back();
    check_percentiles(percentiles);
    return percentiles;
}

/// The alternatives along one dimension; none: the stage's own choice alone, which has no part in names.
std::vector<std::string> or_own(const std::vector<std::string>& choices) {
    return choices.empty() ? std::vector<std::string>{""} : choices;
}

/// One combination of choices; empty: as the stage has it.
struct Choices {
    std::string model, reference, returns, method, winsorize;
    [[nodiscard]] std::string efficiency() const { return joined({model, reference, returns, winsorize}); }
    [[nodiscard]] std::string index() const { return joined({method, winsorize}); }
    [[nodiscard]] std::string all() const { return joined({model, reference, returns, method, winsorize}); }

  private:
    static std::string joined(const std::vector<std::string>& parts) {
        std::string text;
        for (const auto& part : parts) {
            if (!part.empty()) text += "_" + name_part(part);
        }
        return text;
    }
};

std::vector<Choices> combinations(const CurveStage& curve) {
    std::vector<Choices> all;
    for (const auto& model : or_own(curve.models))
        for (const auto& reference : or_own(curve.references))
            for (const auto& returns : or_own(curve.returns))
                for (const auto& method : or_own(curve.methods))
                    for (const auto& clipping : or_own(curve.winsorize))
                        all.push_back({model, reference, returns, method, clipping});
    return all;
}

/// What another model does not share with the stage's own is left to its defaults.
DeaStage with_model(const DeaStage& own, const std::string& word) {
    const ModelWord choice = parse_model_word(word);
    if (choice.model == own.model && !choice.super && choice.disposability.empty()) return own;
    DeaStage stage;
    stage.inputs = own.inputs;
    stage.good = own.good;
    stage.bad = own.bad;
    stage.where = own.where;
    stage.reference = own.reference;
    stage.returns = own.returns;
    stage.reference_panel = own.reference_panel;
    stage.winsorize = own.winsorize;
    stage.model = choice.model;
    // Super-efficient SBM is 1 for every inefficient row; the plain score stands in there.
    stage.combine = choice.super && choice.model == "sbm";
    stage.super = choice.super && !stage.combine;
    stage.disposability = choice.disposability;
    return stage;
}

/// Makes the stages of one curve.
class Maker {
  public:
    Maker(Study& study, const std::string& name, CurveStage& curve)
        : study_(study), name_(name), curve_(curve) {}

    void run() {
        require();
        const Specification own{curve_.regression, curve_.dea, curve_.index, curve_.term, ""};
        curve_.made = {own};
        for (const auto& choices : combinations(curve_)) make(choices);
    }

  private:
    [[noreturn]] static void fail(const std::string& what) { throw Error(Fault::study, what); }

    template <class T>
    void require_stage(const Named<T>& stages, const std::string& wanted, const char* kind) const {
        if (stages.find(wanted) != nullptr) return;
        fail(fmt::format("{}: there is no [{}.{}] in this study{}", kind, kind, wanted,
                         did_you_mean(wanted, stages.names())));
    }

    void require() const {
        require_stage(study_.regression, curve_.regression, "regression");
        if (!curve_.dea.empty()) require_stage(study_.dea, curve_.dea, "dea");
        if (!curve_.index.empty()) require_stage(study_.index, curve_.index, "index");
        const bool efficiency =
            !curve_.models.empty() || !curve_.references.empty() || !curve_.returns.empty();
        if (efficiency && curve_.dea.empty())
            fail("models, references and returns are those of a dea stage; name it: dea = \"NAME\"");
        if (!curve_.methods.empty() && curve_.index.empty())
            fail("methods are those of an index stage; name it: index = \"NAME\"");
        if (!efficiency && curve_.methods.empty() && curve_.winsorize.empty())
            fail("nothing varies; list models, references, returns, methods or winsorize");
        if (!curve_.winsorize.empty() && curve_.dea.empty() && curve_.index.empty())
            fail("winsorize clips the columns of stages; name them: dea = \"NAME\", index = \"NAME\"");
        const bool fixed =
            std::find(curve_.methods.begin(), curve_.methods.end(), "fixed") != curve_.methods.end();
        if (fixed == curve_.weights.empty())
            fail("method fixed and weights go together; give both or neither");
        require_names();
    }

    /// The regression has the term and reads the columns that are exchanged.
    void require_names() const {
        const RegressionStage& regression = *study_.regression.find(curve_.regression);
        if (!regression.group.empty())
            fail(fmt::format("regression.{} is one for each group of {}; name a regression without groups",
                             curve_.regression, regression.group));
        const Formula formula = parse_formula(regression.formula, Fault::study);
        std::vector<std::string> terms;
        for (const auto* side : {&formula.x, &formula.endogenous}) {
            for (const auto& term : *side) terms.push_back(term.text);
        }
        if (std::find(terms.begin(), terms.end(), curve_.term) == terms.end())
            fail(fmt::format("term \"{}\" is not a regressor of regression.{}{}; it has {}", curve_.term,
                             curve_.regression, did_you_mean(curve_.term, terms), fmt::join(terms, ", ")));
        for (const auto& column : {curve_.dea, curve_.index}) {
            if (!column.empty() && renamed(regression.formula, column, "") == regression.formula)
                fail(fmt::format("regression.{} does not use the column {}: {}", curve_.regression, column,
                                 regression.formula));
        }
    }

    void make(const Choices& choices) {
        Specification made{name_ + choices.all(), curve_.dea, curve_.index, curve_.term, choices.winsorize};
        RegressionStage regression = *study_.regression.find(curve_.regression);
        const auto exchange = [&](const std::string& from, const std::string& to) {
            regression.formula = renamed(regression.formula, from, to);
            regression.where = renamed(regression.where, from, to);
            made.term = renamed(made.term, from, to);
        };
        if (const std::string part = choices.efficiency(); !curve_.dea.empty() && !part.empty()) {
            made.dea = name_ + "_" + curve_.dea + part;
            efficiency(choices, made.dea);
            const std::string& model = study_.dea.find(made.dea)->model;
            const bool distance = model == "ddf" || model == "nddf" || model == "additive";
            exchange(curve_.dea, distance ? "(1 / (1 + " + made.dea + "))" : made.dea);
        }
        if (const std::string part = choices.index(); !curve_.index.empty() && !part.empty()) {
            made.index = name_ + "_" + curve_.index + part;
            index(choices, made.index);
            exchange(curve_.index, made.index);
        }
        regression.title = made.regression;
        if (study_.regression.find(made.regression) != nullptr)
            fail(
                fmt::format("its regression {} has the name of another stage, or a choice stands twice; "
                            "rename the curve or leave the repetition out",
                            made.regression));
        study_.regression.add(made.regression) = regression;
        curve_.made.push_back(std::move(made));
    }

    void efficiency(const Choices& choices, const std::string& name) {
        if (study_.dea.find(name) != nullptr) return;  // another index method has it already
        DeaStage stage = *study_.dea.find(curve_.dea);
        if (!choices.model.empty()) stage = with_model(stage, choices.model);
        if (!choices.reference.empty()) stage.reference = choices.reference;
        if (!choices.returns.empty()) stage.returns = choices.returns;
        if (!choices.winsorize.empty()) stage.winsorize = parse_clipping(choices.winsorize);
        stage.slacks = false;
        study_.dea.add(name) = std::move(stage);
    }

    void index(const Choices& choices, const std::string& name) {
        if (study_.index.find(name) != nullptr) return;
        IndexStage stage = *study_.index.find(curve_.index);
        if (!choices.method.empty()) {
            stage.method = choices.method;
            stage.weights = choices.method == "fixed" ? curve_.weights : std::vector<double>{};
        }
        if (!choices.winsorize.empty()) stage.winsorize = parse_clipping(choices.winsorize);
        study_.index.add(name) = std::move(stage);
    }

    Study& study_;
    const std::string& name_;
    CurveStage& curve_;
};

}  // namespace

ModelWord parse_model_word(const std::string& word) {
    ModelWord result;
    const std::string prefix = "super-";
    result.super = word.starts_with(prefix);
    const std::string rest = result.super ? word.substr(prefix.size()) : word;
    const std::size_t colon = rest.find(':');
    result.model = rest.substr(0, colon);
    if (colon != std::string::npos) result.disposability = rest.substr(colon + 1);
    if (result.model.empty() || (colon != std::string::npos && result.disposability.empty()))
        throw Error(Fault::study, fmt::format("models: \"{}\" is not [super-]MODEL[:DISPOSABILITY], such as "
                                              "sbm, super-sbm or ddf:strong",
                                              word));
    return result;
}

std::string renamed(const std::string& text, const std::string& from, const std::string& to) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        std::size_t end = i + 1;
        if (c == '"' || c == '\'' || c == '`') {
            end = std::min(text.find(c, i + 1), text.size() - 1) + 1;
        } else if (word_byte(c)) {
            while (end < text.size() && word_byte(text[end])) ++end;
        }
        const std::string piece = text.substr(i, end - i);
        result += piece == from ? to : piece;
        i = end;
    }
    return result;
}

Study expand_curves(const Study& study) {
    Study expanded = study;
    std::vector<std::string> problems;
    for (auto& [name, curve] : expanded.curve.items) {
        try {
            Maker(expanded, name, curve).run();
        } catch (const Error& error) {
            problems.push_back(fmt::format("curve.{}: {}", name, error.what()));
        }
    }
    if (!problems.empty()) throw Error(Fault::study, fmt::format("{}", fmt::join(problems, "\n")));
    return expanded;
}

}  // namespace greenfront
