#include "engine/productivity_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/settings.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront {
namespace {

// In the order of the enumerations.
const std::vector<std::string> measures{"malmquist", "malmquist-luenberger", "luenberger"};
const std::vector<std::string> frontiers{"global", "adjacent", "sequential", "biennial"};
const std::vector<std::string> decompositions{"fgnz", "ray-desli"};

/// The models of a measure, its default first.
std::vector<std::string> models_of(Measure measure) {
    switch (measure) {
        case Measure::malmquist:
            return {"radial", "sbm"};
        case Measure::malmquist_luenberger:
            return {"ddf"};
        case Measure::luenberger:
            return {"nddf", "ddf"};
    }
    return {};
}

class Chooser {
  public:
    Chooser(const ProductivityStage& words, Fault fault) : words_(words), fault_(fault) {}

    ProductivityChoice run() {
        choice_.measure = static_cast<Measure>(choose(option("measure"), words_.measure, measures, fault_));
        choice_.frontier =
            static_cast<Frontier>(choose(option("frontier"), words_.frontier, frontiers, fault_));
        choice_.dea = choose_dea(programs(), fault_);
        efficiencies();
        decomposition();
        return std::move(choice_);
    }

  private:
    [[nodiscard]] std::string option(const char* key) const { return option_name(key, fault_); }
    [[noreturn]] void refuse(const char* key, const std::string& text) const {
        throw Error(fault_, option(key) + ": " + text);
    }

    [[nodiscard]] std::string model() const {
        const auto models = models_of(choice_.measure);
        if (words_.model.empty()) return models.front();
        if (std::find(models.begin(), models.end(), words_.model) == models.end())
            refuse("model",
                   fmt::format("measure {} is not made of {}{}; there is {}", words_.measure, words_.model,
                               did_you_mean(words_.model, models), fmt::join(models, ", ")));
        return words_.model;
    }

    /// The words of the programs behind the index.
    [[nodiscard]] DeaStage programs() const {
        DeaStage w;
        w.model = model();
        w.inputs = words_.inputs;
        w.good = words_.good;
        w.bad = words_.bad;
        w.orientation = words_.orientation;
        if (w.model == "radial" && w.orientation.empty()) w.orientation = "output";
        if (choice_.measure != Measure::malmquist && !w.orientation.empty())
            refuse("orientation", fmt::format("measure {} has a direction in its place; leave the option out",
                                              words_.measure));
        w.returns = words_.returns;
        w.disposability = words_.disposability;
        w.slacks = false;
        if (words_.super && w.model != "sbm")
            refuse("super", fmt::format("model {} has no use for it; it is for model sbm", w.model));
        w.super = words_.super;
        w.bads_as_inputs = words_.bads_as_inputs;
        w.direction_inputs = words_.direction_inputs;
        w.direction_good = words_.direction_good;
        w.direction_bad = words_.direction_bad;
        w.weights = words_.weights;
        return w;
    }

    void efficiencies() {
        const auto& s = choice_.dea.settings;
        if (choice_.measure == Measure::luenberger) choice_.comparison = dea::Comparison::difference;
        const bool output = s.model == dea::Model::radial && s.orientation == dea::Orientation::output;
        choice_.gauge = choice_.measure == Measure::luenberger             ? dea::Gauge::negative
                        : choice_.measure == Measure::malmquist_luenberger ? dea::Gauge::beyond_one
                        : output                                           ? dea::Gauge::reciprocal
                                                                           : dea::Gauge::score;
    }

    void decomposition() {
        choice_.pure =
            choice_.measure == Measure::malmquist && choice_.dea.settings.returns == dea::Returns::crs;
        if (words_.decomposition.empty()) return;
        choice_.decomposition = static_cast<dea::Decomposition>(
            choose(option("decomposition"), words_.decomposition, decompositions, fault_));
        if (!choice_.pure)
            refuse("decomposition",
                   "scale change is that of measure malmquist under returns crs; leave it out");
    }

    const ProductivityStage& words_;
    Fault fault_;
    ProductivityChoice choice_;
};

}  // namespace

std::string name(Measure measure) {
    return measures[static_cast<std::size_t>(measure)];
}
std::string name(Frontier frontier) {
    return frontiers[static_cast<std::size_t>(frontier)];
}
std::string name(dea::Decomposition decomposition) {
    return decompositions[static_cast<std::size_t>(decomposition)];
}

ProductivityChoice choose_productivity(const ProductivityStage& words, Fault fault) {
    return Chooser(words, fault).run();
}

}  // namespace greenfront
