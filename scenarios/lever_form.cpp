// What can be said of a lever without a panel.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"
#include "scenarios/lever_program.hpp"

namespace greenfront {
namespace levers {

const std::vector<OperationForm>& operation_forms() {
    static const std::vector<OperationForm> known{
        {"scale", Kind::scale, {"per_unit"}, {}},
        {"shift", Kind::shift, {"per_unit"}, {"weight"}},
        {"set", Kind::set, {"per_unit", "value"}, {}},
        {"cap", Kind::cap, {"per_unit", "value"}, {}},
        {"floor", Kind::floor, {"per_unit", "value"}, {}},
        {"close_gap", Kind::close_gap, {"per_unit"}, {"target", "from_above", "within", "value"}},
        {"elasticity", Kind::elasticity, {"elasticity"}, {"base", "driver"}},
        {"assign", Kind::assign, {"value"}, {"threshold"}},
    };
    return known;
}

const OperationForm* form_of(const std::string& type) {
    for (const auto& form : operation_forms()) {
        if (form.type == type) return &form;
    }
    return nullptr;
}

std::string name_of(const Lever& lever, std::size_t operation) {
    const Operation& o = lever.operations[operation];
    return fmt::format("lever {}, operation {} ({} of {})", lever.name, operation, o.type, o.variable);
}

void fail(const std::string& where, const std::string& what) {
    throw Error(Fault::study, fmt::format("{}: {}", where, what));
}

std::array<NamedParameter, parameters_each> parameters_of(const Operation& o) {
    return {{{"per_unit", &o.per_unit},
             {"value", &o.value},
             {"elasticity", &o.elasticity},
             {"base", &o.base},
             {"cost_per_unit", &o.cost_per_unit}}};
}

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// The keys of `o` that are there, but for those that every operation takes.
std::vector<std::string> keys_of(const Operation& o) {
    std::vector<std::string> keys;
    const auto add = [&](const char* key, bool given) {
        if (given) keys.emplace_back(key);
    };
    add("per_unit", o.per_unit.given());
    add("value", o.value.given());
    add("elasticity", o.elasticity.given());
    add("base", o.base.given());
    add("driver", !o.driver.empty());
    add("weight", !o.weight.empty());
    add("within", !o.within.empty());
    add("from_above", o.from_above);
    add("target", !(o.target == GapTarget{}));
    add("threshold", o.threshold != 0);
    return keys;
}

void require_keys(const std::string& where, const Operation& o, const OperationForm& form) {
    const auto given = keys_of(o);
    for (const auto& key : form.needed) {
        if (!contains(given, key)) fail(where, fmt::format("{} needs {}; add {} = ...", form.type, key, key));
    }
    for (const auto& key : given) {
        if (contains(form.needed, key) || contains(form.possible, key)) continue;
        fail(where, fmt::format("{} takes no {}; remove it ({} takes {}{}{})", form.type, key, form.type,
                                fmt::join(form.needed, ", "), form.possible.empty() ? "" : ", ",
                                fmt::join(form.possible, ", ")));
    }
}

void require_target(const std::string& where, const Operation& o) {
    const std::vector<std::string> words{"mean", "leader", "value"};
    const std::string& word = o.target.word;
    if (!word.empty() && !contains(words, word)) {
        const std::string near = nearest(word, words);
        fail(where,
             fmt::format("unknown target \"{}\"; {}", word,
                         near.empty() ? "use a percentile from 0 to 100, \"mean\", \"leader\" or \"value\""
                                      : fmt::format("did you mean \"{}\"?", near)));
    }
    if (word.empty() && !(o.target.percentile >= 0 && o.target.percentile <= 100))
        fail(where, fmt::format("target {} is not a percentile in 0..100; for an amount write target = "
                                "\"value\" and value = {}",
                                o.target.percentile, o.target.percentile));
    if (word == "value" && !o.value.given()) fail(where, "target = \"value\" needs value; add value = ...");
    if (word != "value" && o.value.given())
        fail(where, "value is there, but the target is another one; write target = \"value\" or remove it");
    if (word == "value" && !o.within.empty())
        fail(where, "a target that is one value is the same within every group; remove within");
}

/// A share of a way cannot have a spread without ends, whatever the intensity.
void require_bounded_share(const std::string& where, const Operation& o) {
    const std::string& d = o.per_unit.distribution;
    if (d == "normal" || d == "lognormal")
        fail(where, fmt::format("per_unit is a share of the way and lies in 0..1, but a {} has no ends; use "
                                "uniform, triangular or beta",
                                d));
}

void require_operation(const std::string& where, const Operation& o) {
    const OperationForm* form = form_of(o.type);
    if (form == nullptr) {
        std::vector<std::string> types;
        for (const auto& one : operation_forms()) types.push_back(one.type);
        const std::string near = nearest(o.type, types);
        fail(where, fmt::format("unknown operation \"{}\"; {}known are {}", o.type,
                                near.empty() ? "" : fmt::format("did you mean \"{}\"? ", near),
                                fmt::join(types, ", ")));
    }
    if (o.variable.empty()) fail(where, "it names no variable; add variable = ...");
    require_keys(where, o, *form);
    for (const auto& [key, parameter] : parameters_of(o)) {
        const std::string problem = problem_of(*parameter);
        if (!problem.empty()) fail(where, fmt::format("{}: {}", key, problem));
    }
    if (form->kind == Kind::close_gap) require_target(where, o);
    if (form->kind == Kind::close_gap || form->kind == Kind::set || form->kind == Kind::cap ||
        form->kind == Kind::floor)
        require_bounded_share(where, o);
    if (form->kind == Kind::elasticity && o.base.given() == !o.driver.empty())
        fail(where, o.driver.empty()
                        ? "elasticity needs base (the price or rate that the intensity adds to) or driver (a "
                          "variable that this lever moves); add one"
                        : "base and driver exclude each other; keep one");
    if (form->kind == Kind::elasticity && o.driver == o.variable)
        fail(where, "a variable cannot be its own driver; name another one");
    if (!std::isfinite(o.threshold)) fail(where, "threshold is not a number");
    if (o.minimum && o.maximum && *o.minimum > *o.maximum)
        fail(where, fmt::format("minimum {} lies above maximum {}", *o.minimum, *o.maximum));
}

}  // namespace
}  // namespace levers

bool Lever::costed() const {
    const auto costs = [](const Uncertain& cost) { return cost.drawn() || cost.value != 0; };
    return costs(cost_per_unit) || std::any_of(operations.begin(), operations.end(),
                                               [&](const Operation& o) { return costs(o.cost_per_unit); });
}

void require_lever(const Lever& lever) {
    const std::string where = "lever " + lever.name;
    if (lever.operations.empty())
        levers::fail(where, "it has no operation, so that it would change nothing; add [[lever." +
                                lever.name + ".operations]]");
    if (!(lever.intensity_low <= lever.intensity_high))
        levers::fail(where, fmt::format("intensity_low {} lies above intensity_high {}", lever.intensity_low,
                                        lever.intensity_high));
    const std::string problem = problem_of(lever.cost_per_unit);
    if (!problem.empty()) levers::fail(where, "cost_per_unit: " + problem);
    for (std::size_t o = 0; o < lever.operations.size(); ++o)
        levers::require_operation(levers::name_of(lever, o), lever.operations[o]);
}

}  // namespace greenfront
