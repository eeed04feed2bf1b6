// Weights and directions of efficiency models.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/dea_choice.hpp"
#include "engine/settings.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront {
namespace {

using dea::Model;
using List = std::vector<double>;

[[noreturn]] void refuse(Fault fault, const std::string& key, const std::string& text) {
    throw Error(fault, option_name(key, fault) + ": " + text);
}

void check_numbers(const List& numbers, std::size_t count, const std::string& key, Fault fault) {
    if (numbers.size() != count)
        refuse(fault, key, fmt::format("{} numbers for {} variables", numbers.size(), count));
    for (const double x : numbers) {
        if (!(x >= 0 && std::isfinite(x)))
            refuse(fault, key, fmt::format("{} is not a number of at least 0", x));
    }
}

/// Equal shares of the totals of inputs, goods and bads.
List shares(const DeaVariables& v, double inputs, double good, double bad) {
    List list;
    const auto add = [&](std::size_t count, double total) {
        list.insert(list.end(), count, total / static_cast<double>(count));
    };
    add(v.inputs.size(), inputs);
    add(v.good.size(), good);
    add(v.bad.size(), bad);
    return list;
}

/// A list by variable (inputs, good, bad) in the order of the kernel's rows.
Eigen::VectorXd kernel_order(const DeaVariables& v, const List& list) {
    Eigen::VectorXd result(static_cast<Eigen::Index>(list.size()));
    for (std::size_t i = 0; i < list.size(); ++i) result[v.kernel_row(i)] = list[i];
    return result;
}

std::string known(const std::vector<std::string>& words) {
    return fmt::format("{}, or numbers for inputs, good and bad outputs", fmt::join(words, ", "));
}

class SbmWeights {
  public:
    SbmWeights(const DeaStage& words, Fault fault, DeaChoice& choice)
        : words_(words), fault_(fault), choice_(choice), v_(choice.variables) {}

    void run() {
        const bool two_lists = !words_.weights_inputs.empty() || !words_.weights_outputs.empty();
        if (two_lists && (words_.weights.given() || v_.bads_as_inputs))
            refuse(fault_, "weights_inputs", "name all weights in the one list \"weights\" instead");
        choice_.weights = words_.weights.word.empty() ? "items" : words_.weights.word;
        if (!words_.weights.numbers.empty() || two_lists) choice_.weights = "given";
        List& weights = choice_.item_weights;
        weights = items();
        if (choice_.weights == "groups") {
            if (!v_.bad.empty() && !v_.bads_as_inputs) weights = shares(v_, 1, 0.5, 0.5);
        } else if (!words_.weights.numbers.empty()) {
            check_numbers(words_.weights.numbers, weights.size(), "weights", fault_);
            weights = words_.weights.numbers;
        } else if (two_lists) {
            take("weights_inputs", words_.weights_inputs, 0, v_.inputs.size());
            take("weights_outputs", words_.weights_outputs, v_.inputs.size(), v_.good.size() + v_.bad.size());
        } else {
            (void)choose(option_name("weights", fault_), choice_.weights, {"items", "groups"}, fault_);
        }
        const bool numerator = choice_.settings.super_bads == dea::SuperBads::numerator;
        if (numerator && choice_.weights != "items")
            refuse(fault_, "weights", "bad outputs in the numerator have the weights items only");
        check_sides(numerator);
        if (choice_.weights != "items") store();
    }

  private:
    /// 1/m for each input, 1/(s1+s2) for each output; bads that count as inputs are among those.
    [[nodiscard]] List items() const {
        const double m = static_cast<double>(v_.inputs.size()), good = static_cast<double>(v_.good.size()),
                     bad = static_cast<double>(v_.bad.size());
        const bool above = v_.bads_as_inputs || choice_.settings.super_bads == dea::SuperBads::numerator;
        if (above) return shares(v_, m / (m + bad), 1, bad / (m + bad));
        return shares(v_, 1, good / (good + bad), bad / (good + bad));
    }

    void take(const char* key, const List& given, std::size_t first, std::size_t count) {
        if (given.empty()) return;
        check_numbers(given, count, key, fault_);
        std::copy(given.begin(), given.end(),
                  choice_.item_weights.begin() + static_cast<std::ptrdiff_t>(first));
    }

    [[nodiscard]] bool is_bad(std::size_t i) const { return i >= v_.inputs.size() + v_.good.size(); }

    void check_sides(bool numerator) const {
        double inputs = 0, outputs = 0;
        for (std::size_t i = 0; i < choice_.item_weights.size(); ++i) {
            const bool above = i < v_.inputs.size() || (is_bad(i) && (v_.bads_as_inputs || numerator));
            (above ? inputs : outputs) += choice_.item_weights[i];
        }
        if (std::fabs(inputs - 1) <= 1e-9 && std::fabs(outputs - 1) <= 1e-9) return;
        const bool by_side = !words_.weights_inputs.empty() || !words_.weights_outputs.empty();
        refuse(
            fault_, by_side ? "weights_inputs" : "weights",
            fmt::format("the weights of the inputs add up to {}, those of the outputs to {}; each side must "
                        "add up to 1",
                        inputs, outputs));
    }

    void store() {
        const Eigen::VectorXd weights = kernel_order(v_, choice_.item_weights);
        const auto above =
            static_cast<Eigen::Index>(v_.inputs.size() + (v_.bads_as_inputs ? v_.bad.size() : 0));
        choice_.settings.input_weights = weights.head(above);
        choice_.settings.output_weights = weights.tail(weights.size() - above);
    }

    const DeaStage& words_;
    Fault fault_;
    DeaChoice& choice_;
    const DeaVariables& v_;
};

void nddf_weights(const DeaStage& words, Fault fault, DeaChoice& choice) {
    const DeaVariables& v = choice.variables;
    const std::vector<std::string> names{"thirds", "halves", "ones"};
    List& weights = choice.item_weights;
    choice.weights = words.weights.word.empty() ? "thirds" : words.weights.word;
    if (!words.weights.numbers.empty()) {
        check_numbers(words.weights.numbers, v.all().size(), "weights", fault);
        choice.weights = "given";
        weights = words.weights.numbers;
    } else if (choice.weights == "thirds") {
        const auto thirds =
            dea::thirds(static_cast<Eigen::Index>(v.inputs.size()), static_cast<Eigen::Index>(v.good.size()),
                        static_cast<Eigen::Index>(v.bad.size()));
        weights.assign(thirds.begin(), thirds.end());
    } else if (choice.weights == "halves") {
        weights = shares(v, 0, 0.5, 0.5);
    } else if (choice.weights == "ones") {
        weights.assign(v.all().size(), 1);
    } else {
        refuse(fault, "weights",
               fmt::format("\"{}\" is not known to model nddf{}; there is {}", choice.weights,
                           did_you_mean(choice.weights, names), known(names)));
    }
    choice.settings.item_weights = kernel_order(v, weights);
}

void additive_weights(const DeaStage& words, Fault fault, DeaChoice& choice) {
    const DeaVariables& v = choice.variables;
    const std::vector<std::string> names{"ones", "mip", "ram", "bam", "normalized"};
    choice.weights = words.weights.word.empty() ? "ones" : words.weights.word;
    if (!words.weights.numbers.empty()) {
        check_numbers(words.weights.numbers, v.all().size(), "weights", fault);
        choice.weights = "given";
        choice.item_weights = words.weights.numbers;
        choice.settings.additive_weights = dea::AdditiveWeights::given;
        choice.settings.item_weights = kernel_order(v, choice.item_weights);
        return;
    }
    const auto found = std::find(names.begin(), names.end(), choice.weights);
    if (found == names.end())
        refuse(fault, "weights",
               fmt::format("\"{}\" is not known to model additive{}; there is {}", choice.weights,
                           did_you_mean(choice.weights, names), known(names)));
    choice.settings.additive_weights = static_cast<dea::AdditiveWeights>(found - names.begin());
    if (choice.settings.additive_weights == dea::AdditiveWeights::ones)
        choice.item_weights.assign(v.all().size(), 1);
}

DirectionChoice choose_direction(const WordOrNumbers& words, const char* by_default, std::size_t count,
                                 const char* key, Fault fault) {
    DirectionChoice choice;
    const auto width = static_cast<Eigen::Index>(count);
    if (!words.numbers.empty()) {
        check_numbers(words.numbers, count, key, fault);
        choice.word = "given";
        choice.direction = {dea::Direction::Kind::given,
                            Eigen::Map<const Eigen::VectorXd>(words.numbers.data(), width)};
        return choice;
    }
    choice.word = words.word.empty() ? by_default : words.word;
    const std::vector<std::string> names{"zeros", "observed", "mean", "ones"};
    const auto found = std::find(names.begin(), names.end(), choice.word);
    if (found == names.end())
        refuse(fault, key,
               fmt::format("\"{}\" is not known{}; there is {}, or numbers, one a variable", choice.word,
                           did_you_mean(choice.word, names), fmt::join(names, ", ")));
    if (choice.word == "observed") choice.direction.kind = dea::Direction::Kind::observed;
    if (choice.word == "mean" || choice.word == "ones") choice.direction.kind = dea::Direction::Kind::given;
    if (choice.word == "ones") choice.direction.given = Eigen::VectorXd::Ones(width);
    return choice;
}

/// Whether variable i of a group can move; a mean counts as a way, its value is not known yet.
bool leads(const DirectionChoice& choice, Eigen::Index i) {
    if (choice.word == "given") return choice.direction.given[i] > 0;
    return choice.word != "zeros";
}

/// Some variable must have a direction and, in the nddf, a weight.
void check_way(const DeaChoice& choice, Fault fault) {
    const DeaVariables& v = choice.variables;
    const std::size_t counts[] = {v.inputs.size(), v.good.size(), v.bad.size()};
    bool any = false, weighted = false;
    std::size_t item = 0;
    for (std::size_t g = 0; g < 3; ++g) {
        for (std::size_t i = 0; i < counts[g]; ++i, ++item) {
            const bool moves = leads(choice.directions[g], static_cast<Eigen::Index>(i));
            any = any || moves;
            weighted = weighted || (moves && (choice.item_weights.empty() || choice.item_weights[item] > 0));
        }
    }
    if (!any)
        refuse(fault, "direction_good",
               "the direction is zero for every variable; give inputs, good or bad outputs a direction");
    if (!weighted) refuse(fault, "weights", "no variable has both a weight and a direction");
}

}  // namespace

void choose_weights(const DeaStage& words, Fault fault, DeaChoice& choice) {
    const Model model = choice.settings.model;
    const bool two_lists = !words.weights_inputs.empty() || !words.weights_outputs.empty();
    if (two_lists && model != Model::sbm)
        refuse(fault, "weights_inputs",
               fmt::format("model {} does not take it; it belongs to sbm", name(model)));
    switch (model) {
        case Model::sbm:
            SbmWeights(words, fault, choice).run();
            return;
        case Model::nddf:
            nddf_weights(words, fault, choice);
            return;
        case Model::additive:
            additive_weights(words, fault, choice);
            return;
        default:
            if (words.weights.given())
                refuse(fault, "weights",
                       fmt::format("model {} has no weights; nddf, additive and sbm have", name(model)));
    }
}

void choose_directions(const DeaStage& words, Fault fault, DeaChoice& choice) {
    const struct {
        const char* key;
        const WordOrNumbers& words;
        const char* by_default;
        std::size_t count;
        dea::Direction& target;
    } groups[] = {
        {"direction_inputs", words.direction_inputs, "zeros", choice.variables.inputs.size(),
         choice.settings.direction_inputs},
        {"direction_good", words.direction_good, "observed", choice.variables.good.size(),
         choice.settings.direction_goods},
        {"direction_bad", words.direction_bad, "observed", choice.variables.bad.size(),
         choice.settings.direction_bads},
    };
    for (std::size_t g = 0; g < 3; ++g) {
        const auto& group = groups[g];
        if (!choice.directional()) {
            if (group.words.given())
                refuse(fault, group.key,
                       fmt::format("model {} has no direction; ddf and nddf have", words.model));
            continue;
        }
        if (group.words.given() && group.count == 0) refuse(fault, group.key, "there is no bad output");
        choice.directions[g] = choose_direction(group.words, group.by_default, group.count, group.key, fault);
        group.target = choice.directions[g].direction;
    }
    if (choice.directional()) check_way(choice, fault);
}

void set_means(DeaChoice& choice, const Panel& panel, const std::vector<char>& rows) {
    const DeaVariables& v = choice.variables;
    const std::vector<std::string>* groups[] = {&v.inputs, &v.good, &v.bad};
    dea::Direction* targets[] = {&choice.settings.direction_inputs, &choice.settings.direction_goods,
                                 &choice.settings.direction_bads};
    for (std::size_t g = 0; g < 3; ++g) {
        if (choice.directions[g].word != "mean") continue;
        auto& given = choice.directions[g].direction.given;
        given.resize(static_cast<Eigen::Index>(groups[g]->size()));
        for (std::size_t i = 0; i < groups[g]->size(); ++i) {
            const auto& column = panel.number((*groups[g])[i]);
            double mean = 0, count = 0;  // running: no overflow
            for (std::size_t r = 0; r < panel.rows(); ++r) {
                if (rows[r] != 0) mean += (column[r] - mean) / ++count;
            }
            given[static_cast<Eigen::Index>(i)] = mean;
        }
        *targets[g] = choice.directions[g].direction;
    }
}

}  // namespace greenfront
