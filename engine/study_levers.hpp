#pragma once
#include "scenarios/levers.hpp"

/// What a study says of levers and packages. Part of engine/study.hpp, which names the visitors.
namespace greenfront {

/// The numbers of a distribution; scenarios/uncertain.hpp says which one needs which.
template <class V>
void describe(Uncertain& u, V& v) {
    v.choice("distribution", u.distribution,
             {"fixed", "uniform", "triangular", "normal", "lognormal", "beta"}, "its family");
    if (!u.drawn()) v.field("value", u.value, "fixed: the number itself");
    v.field("low", u.low, "uniform, triangular: least value; beta: 0 without it");
    v.field("mode", u.mode, "triangular: most likely value");
    v.field("high", u.high, "uniform, triangular: greatest value; beta: 1 without it");
    v.field("mean", u.mean, "normal");
    v.field("sd", u.sd, "normal: standard deviation");
    v.field("median", u.median, "lognormal");
    v.field("sigma", u.sigma, "lognormal: standard deviation of the logarithm");
    v.field("a", u.a, "beta: first shape");
    v.field("b", u.b, "beta: second shape");
}
template <class V>
void describe(Path& p, V& v) {
    v.choice("shape", p.shape, {"step", "linear", "logistic"}, "how the intensity builds up");
    v.field("start", p.start, "first period with an effect");
    v.field("length", p.length, "periods until the full effect");
}
template <class V>
void describe(Operation& o, V& v) {
    v.choice("type", o.type, {"scale", "shift", "set", "cap", "floor", "close_gap", "elasticity", "assign"},
             "what happens to the variable (docs/methods/levers.md)");
    v.required("variable", o.variable, "panel variable that moves");
    v.field("per_unit", o.per_unit,
            "all but elasticity and assign: relative change (scale), amount (shift) or share of the way per "
            "unit of intensity");
    v.field("target", o.target,
            "close_gap: percentile of the year's values, \"mean\", \"leader\" or \"value\"");
    v.field("from_above", o.from_above, "close_gap: less is better, rows above the target come down");
    v.field("within", o.within,
            "close_gap: column; a target for each of its groups; absent: one for all rows of a year");
    v.field("value", o.value, "set, cap, floor, assign, close_gap with target \"value\": that value");
    v.field("weight", o.weight,
            "shift: expression on the prepared panel that multiplies the amount, such as gdp");
    v.field("elasticity", o.elasticity, "elasticity: exponent of the relative change of base or driver");
    v.field("base", o.base, "elasticity: the price or rate that the intensity adds to");
    v.field("driver", o.driver, "elasticity: a variable that an earlier operation of the lever moves");
    v.field("threshold", o.threshold, "assign: only with an intensity above this");
    v.field("minimum", o.minimum, "the operation brings no value below this");
    v.field("maximum", o.maximum, "the operation brings no value above this");
    v.field("cost_per_unit", o.cost_per_unit, "cost per unit that the variable moves, up or down");
    v.field("assumption", o.assumption, "what the numbers rest on");
}
template <class V>
void describe(Lever& l, V& v) {
    v.field("title", l.title, "short title");
    v.field("description", l.description, "what it stands for");
    v.field("source", l.source, "where the idea comes from");
    v.field("intensity_unit", l.intensity_unit, "unit of the intensity");
    v.field("intensity_low", l.intensity_low, "default range, low end");
    v.field("intensity_high", l.intensity_high, "default range, high end");
    v.list("operations", l.operations, "what moves");
    v.field("cost_per_unit", l.cost_per_unit, "cost per unit of intensity and unit-period");
    v.field("cost_unit", l.cost_unit, "unit of all costs of the lever");
}
template <class V>
void describe(PackageLever& l, V& v) {
    v.required("lever", l.lever, "name of a lever, of this study or of the catalogue");
    v.field("intensity", l.intensity, "its intensity at full strength of the package");
    v.field("share", l.share, "instead: the share of the high end of the lever's range");
    v.field("where", l.where, "expression: rows the lever acts on");
    v.table("path", l.path, "path over time; absent: that of the package's use");
}
template <class V>
void describe(Package& p, V& v) {
    v.field("title", p.title, "short title");
    v.field("description", p.description, "what it stands for");
    v.field("source", p.source, "where the idea comes from");
    v.list("levers", p.levers, "levers of the package");
}

}  // namespace greenfront
