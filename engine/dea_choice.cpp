#include "engine/dea_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "engine/settings.hpp"

namespace greenfront {
namespace {

using dea::Model;

class Chooser {
  public:
    Chooser(const DeaStage& words, Fault fault) : words_(words), fault_(fault) {}

    DeaChoice run() {
        choice_.settings.model = parse_model(words_.model, fault_);
        choice_.reference = words_.reference;
        check_reference(words_.reference, fault_);
        orientation();
        returns();
        variables();
        disposability();
        super_efficiency();
        slacks_and_zeros();
        technology_groups();
        choose_weights(words_, fault_, choice_);
        choose_directions(words_, fault_, choice_);
        return std::move(choice_);
    }

  private:
    [[nodiscard]] Model model() const { return choice_.settings.model; }
    [[nodiscard]] bool is(std::initializer_list<Model> models) const {
        return std::find(models.begin(), models.end(), model()) != models.end();
    }
    [[noreturn]] void refuse(const std::string& key, const std::string& text) const {
        throw Error(fault_, option_name(key, fault_) + ": " + text);
    }
    /// An option that belongs to some models only.
    void only(const char* key, bool given, std::initializer_list<Model> models) const {
        if (!given || is(models)) return;
        std::vector<std::string> names;
        for (const Model one : models) names.push_back(name(one));
        refuse(key, fmt::format("model {} has no such option; it is one of {}", words_.model,
                                fmt::join(names, ", ")));
    }

    void orientation() {
        const bool scales = is({Model::radial, Model::fdh});
        auto& orientation = choice_.settings.orientation;
        orientation = words_.orientation.empty() ? scales ? dea::Orientation::input : dea::Orientation::none
                                                 : parse_orientation(words_.orientation, fault_);
        const bool none = orientation == dea::Orientation::none;
        if (scales && none)
            throw Error(fault_, fmt::format("model {} needs an orientation: input or output", words_.model));
        if (!scales && !none && !is({Model::sbm, Model::additive}))
            refuse("orientation", fmt::format("{}: model {} has none; leave the option out",
                                              words_.orientation, words_.model));
    }

    void returns() {
        choice_.settings.returns = !words_.returns.empty() ? parse_returns(words_.returns, fault_)
                                   : is({Model::fdh})      ? dea::Returns::vrs
                                                           : dea::Returns::crs;
        only("scale_efficiency", words_.scale_efficiency, {Model::radial, Model::sbm});
        choice_.scale_efficiency = words_.scale_efficiency;
    }

    void variables() {
        DeaVariables& v = choice_.variables;
        v = {words_.inputs, words_.good, words_.bad, {}, false};
        only("prices_inputs", !words_.prices_inputs.empty(), {Model::cost});
        only("prices_good", !words_.prices_good.empty(), {Model::revenue});
        if (is({Model::cost})) prices("prices_inputs", words_.prices_inputs, v.inputs.size());
        if (is({Model::revenue})) prices("prices_good", words_.prices_good, v.good.size());
        if (words_.bads_as_inputs && v.bad.empty()) refuse("bads_as_inputs", "there is no bad output");
        if (words_.bads_as_inputs && is({Model::cost}))
            refuse("bads_as_inputs", "model cost has no prices of bad outputs; leave the option out");
        if (is({Model::additive}) && !v.bad.empty() && !words_.bads_as_inputs)
            refuse("bad", fmt::format("model additive takes no bad outputs; count them as inputs ({}) or use "
                                      "model sbm or nddf",
                                      option_name("bads_as_inputs", fault_)));
        // B lambda <= b - beta g is the same constraint for an input as for a strongly disposable bad, which
        // keeps its own direction and weight.
        v.bads_as_inputs = words_.bads_as_inputs && !choice_.directional();
        check_roles(v, fault_);
    }

    void prices(const char* key, const std::vector<std::string>& columns, std::size_t count) {
        if (columns.size() != count)
            refuse(key, fmt::format("{} columns of prices for {} variables; model {} needs one for each",
                                    columns.size(), count, words_.model));
        choice_.variables.prices = columns;
    }

    void disposability() {
        using enum dea::Disposability;
        const bool named = !words_.disposability.empty();
        auto& chosen = choice_.settings.disposability;
        chosen = named ? parse_disposability(words_.disposability, fault_)
                 : choice_.directional() && !words_.bads_as_inputs ? weak
                                                                   : strong;
        if (chosen != strong && !choice_.directional())
            refuse("disposability", fmt::format("{}: model {} takes strong; weak and weak-naive belong to "
                                                "ddf and nddf",
                                                words_.disposability, words_.model));
        if (chosen != strong && words_.bads_as_inputs)
            refuse("disposability", fmt::format("{}: bad outputs that count as inputs are strongly "
                                                "disposable; there is strong",
                                                words_.disposability));
        const auto returns = choice_.settings.returns;
        const bool ranged = returns == dea::Returns::nirs || returns == dea::Returns::ndrs;
        if (chosen == weak && ranged && (named || !words_.bad.empty()))
            refuse("disposability", fmt::format("weak is defined for returns crs and vrs, not for {}; there "
                                                "is strong, and weak-naive as other programs have it",
                                                name(returns)));
        if (words_.bad.empty()) chosen = strong;  // nothing to dispose of: the technologies are the same
    }

    void super_efficiency() {
        auto& s = choice_.settings;
        only("combine", words_.combine, {Model::sbm});
        s.super = words_.super || words_.combine;
        choice_.combine = words_.combine;
        only("super", s.super, {Model::radial, Model::sbm, Model::ddf, Model::nddf});
        if (s.super && choice_.scale_efficiency)
            refuse("scale_efficiency", "compares plain scores; leave super-efficiency out");
        if (!words_.super_leave.empty()) {
            if (!s.super) refuse("super_leave", "belongs to super-efficiency, which is not asked for");
            choice_.leave_unit =
                choose(option_name("super_leave", fault_), words_.super_leave, {"row", "unit"}, fault_) == 1;
        }
        if (words_.super_bads.empty()) return;
        only("super_bads", true, {Model::sbm});
        if (!s.super) refuse("super_bads", "belongs to super-efficiency, which is not asked for");
        if (choice_.variables.bads_as_inputs)
            refuse("super_bads", "the bad outputs count as inputs; leave one of the two options out");
        const auto place = choose(option_name("super_bads", fault_), words_.super_bads,
                                  {"denominator", "numerator"}, fault_);
        s.super_bads = static_cast<dea::SuperBads>(place);
        if (s.super_bads == dea::SuperBads::numerator && s.orientation != dea::Orientation::none)
            refuse("super_bads", "numerator: defined without orientation only; there is denominator");
    }

    void slacks_and_zeros() {
        auto& s = choice_.settings;
        if (words_.digits != 16 && words_.digits != 34 && words_.digits != 100)
            refuse("digits", fmt::format("{}: there are 16 (double precision), 34 and 100", words_.digits));
        s.digits = static_cast<int>(words_.digits);
        s.slacks = words_.slacks && is({Model::radial, Model::ddf});
        if (!words_.slack_weights.empty()) {
            const std::string key = option_name(fault_ == Fault::study ? "slack_weights" : "slacks", fault_);
            s.slack_weights =
                static_cast<dea::SlackWeights>(choose(key, words_.slack_weights, {"mean", "raw"}, fault_));
        }
        if (words_.zeros.empty()) return;
        (void)choose(option_name("zeros", fault_), words_.zeros, {"drop"}, fault_);
        only("zeros", true, {Model::sbm});
        s.drop_zero_outputs = true;
    }

    void technology_groups() {
        choice_.groups = words_.groups;
        if (words_.groups.empty()) return;
        only("groups", true,
             {Model::radial, Model::sbm, Model::ddf, Model::nddf, Model::fdh, Model::cost, Model::revenue});
        if (choice_.settings.super)
            refuse("groups", "technology gaps compare plain scores; leave super-efficiency out");
        if (!words_.reference_panel.empty())
            refuse("groups", "the groups are those of the panel's own rows; leave the reference panel out");
    }

    const DeaStage& words_;
    Fault fault_;
    DeaChoice choice_;
};

}  // namespace

DeaChoice choose_dea(const DeaStage& words, Fault fault) {
    return Chooser(words, fault).run();
}

double super_cap(const DeaChoice& choice) {
    const auto& s = choice.settings;
    const auto m = static_cast<std::ptrdiff_t>(choice.variables.inputs.size());
    const auto s1 = static_cast<std::ptrdiff_t>(choice.variables.good.size());
    const bool nothing = s.returns == dea::Returns::crs || s.returns == dea::Returns::nirs;
    const bool below =
        s.super_bads == dea::SuperBads::denominator && s.orientation != dea::Orientation::input;
    if (!choice.super_sbm() || !nothing || !below) return std::numeric_limits<double>::infinity();
    double goods = 0;
    for (auto i = m; i < m + s1; ++i) goods += choice.item_weights[static_cast<std::size_t>(i)];
    return goods < 1 - 1e-12 ? 1 / (1 - goods) : std::numeric_limits<double>::infinity();
}

}  // namespace greenfront
