#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/panel.hpp"
#include "scenarios/uncertain.hpp"

/// Policy levers: named, documented changes of panel variables. docs/methods/levers.md.
namespace greenfront {

/// Where a close_gap leads: a percentile 0..100 (Stata's rule) of the values of the year, or one of the words
/// "mean", "leader" (the best value) and "value" (the operation's own).
struct GapTarget {
    std::string word;
    double percentile = 90;

    GapTarget() = default;
    GapTarget(double p) : percentile(p) {}  // numbers are percentiles: not explicit
    GapTarget(std::string text) : word(std::move(text)) {}
    bool operator==(const GapTarget&) const = default;
};

/// One operation of a lever on one panel variable x. In a row, i is the lever's intensity times the path, and
/// s = per_unit i. What a type does not name below, it does not take.
///
///   scale       x -> x (1 + s)
///   shift       x -> x + s w                w: the expression `weight`, 1 without one
///   set         x -> x + s (value - x)      s in 0..1
///   cap         the same where x > value
///   floor       the same where x < value
///   close_gap   x -> x + s (T - x)          s in 0..1, where x < T (from_above: where x > T); T: `target` of
///                                           the baseline's values of the same year, over the rows with the
///                                           same value of the column `within`
///   elasticity  x -> x (1 + i / base)^e     response to a price, a tax or another intensity
///               x -> x (D / D0)^e           response to the variable `driver`, moved by an earlier operation
///                                           of this lever from D0 to D; e: `elasticity`
///   assign      x -> value                  as soon as the path has begun, where the lever's intensity is
///                                           above `threshold`
///
/// A result that the operation brings below `minimum` or above `maximum` stops there. Without a minimum, a
/// result below zero of a value that was not is an error. Missing values stay missing; a target, weight or
/// driver that is missing in a row moves nothing there. Where i = 0, not a bit changes.
struct Operation {
    std::string type{}, variable{};
    Uncertain per_unit{};
    GapTarget target = 90;
    bool from_above = false;  ///< close_gap: less is better
    std::string within{};     ///< close_gap: column; empty: all rows of the year
    Uncertain value{};        ///< set, cap, floor, assign, close_gap with target "value"
    std::string weight{};     ///< shift: expression on the baseline's prepared panel
    Uncertain elasticity{};
    Uncertain base{};      ///< elasticity without a driver: the price or rate that the intensity adds to
    std::string driver{};  ///< elasticity: variable
    double threshold = 0;
    std::optional<double> minimum{}, maximum{};
    Uncertain cost_per_unit{};  ///< of |x after - x before|, summed over rows, in the lever's cost_unit
    std::string assumption{};   ///< what the numbers rest on, where no source gives them
};

/// How an intensity builds up over time: 0 before `start`, full from start + length on.
struct Path {
    std::string shape = "step";  ///< step, linear or logistic
    std::int64_t start = 0;      ///< first time value with any effect
    int length = 0;              ///< periods until full effect; 0 only for step
    [[nodiscard]] double at(std::int64_t time) const;
    bool operator==(const Path&) const = default;
};

/// A named, documented, parametrised change of the panel.
struct Lever {
    std::string name, title, description, source;
    std::string intensity_unit;
    double intensity_low = 0, intensity_high = 1;  ///< default range
    std::vector<Operation> operations;
    Uncertain cost_per_unit;  ///< of intensity, unit-period; not given: not known
    std::string cost_unit;
    /// The lever or one of its operations has a cost.
    [[nodiscard]] bool costed() const;
};

/// A lever as a scenario uses it.
struct AppliedLever {
    Lever lever;
    double intensity = 0;
    std::string where;  ///< selector expression on the prepared baseline panel; empty: all rows
    Path path;
};

/// One lever of a package: its intensity as a number, or as a share of the way from no intensity to the
/// high end of the lever's range; exactly one of the two.
struct PackageLever {
    std::string lever{};
    std::optional<double> intensity{}, share{};
    std::string where{};
    Path path{};  ///< the default path: that of the package's use
};
/// Levers that belong together.
struct Package {
    std::string name, title, description, source;
    std::vector<PackageLever> levers;
};
/// A lever by its name, or nullptr.
using LeverLookup = std::function<const Lever*(const std::string& name)>;

/// The package's levers at full strength (an intensity of the package multiplies them), in its order. A
/// selector of the use is combined with the package's own by `and`; `path` is for levers without a path of
/// their own. Throws Error(Fault::study) for unknown levers, levers that stand twice with the same selector,
/// and entries with no intensity or two.
[[nodiscard]] std::vector<AppliedLever> expand_package(const Package& package, const LeverLookup& find,
                                                       const std::string& where = {}, const Path& path = {});

/// What can be said of a lever without a panel: throws Error(Fault::study) naming lever, operation and key
/// for unknown types, keys that a type lacks or does not take, and parameters that make no sense.
void require_lever(const Lever& lever);

/// Levers made ready for one panel: columns, selectors, targets and paths are resolved once, so that a
/// scenario costs a few microseconds an operation. Immutable, and so safe to share between threads; holds
/// copies of what it needs of the panels.
class LeverProgram {
  public:
    /// `completed` is Prepared::completed, where levers act; selectors, weights and groups are read from
    /// `baseline`, the prepared panel with the same rows. Throws Error(Fault::study) for everything that is
    /// wrong with a lever on this panel; intensities are not looked at.
    LeverProgram(const Panel& completed, const Panel& baseline, std::vector<AppliedLever> levers);

    /// All levers' parameters in a fixed order.
    struct Parameters {
        std::vector<double> value;
    };
    /// Medians: docs/methods/levers.md.
    [[nodiscard]] Parameters point() const;
    /// One draw of each uncertain parameter. It depends on the seed, the replicate, the lever's name and the
    /// parameter's place in the lever, and on nothing else: every scenario of a replicate sees the same draw.
    [[nodiscard]] Parameters draw(std::uint64_t seed, std::uint64_t replicate) const;
    [[nodiscard]] bool uncertain() const;  ///< any parameter that draw() draws
    [[nodiscard]] bool costed() const;     ///< any lever with a cost

    /// Indexes into completed.columns() that may change, ascending.
    [[nodiscard]] const std::vector<std::size_t>& columns() const;

    struct Outcome {
        std::vector<std::vector<double>> value;  ///< one for each of columns(), all rows
        std::vector<double> cost;                ///< one for each lever; 0 without a cost
        std::vector<double> room;                ///< for intermediate values
    };
    /// Levers act in the order given, each with its intensity. Reuses the memory of `out`. Throws
    /// Error(Fault::study) with lever, variable and row where a result makes no sense.
    void apply(const std::vector<double>& intensity, const Parameters& parameters, Outcome& out) const;

    /// Applies the levers with their point values and with all uncertain parameters at their least and at
    /// their greatest possible draw, so that what cannot go well fails before a run.
    void check(const std::vector<double>& intensity) const;

    struct Compiled;  ///< scenarios/lever_program.hpp

  private:
    std::shared_ptr<const Compiled> compiled_;
};

/// Applies levers in order to a copy of `completed`, with parameters at their point values. `cost` (may be
/// null) receives the sum of the levers' costs.
[[nodiscard]] Panel apply_levers(const Panel& completed, const Panel& baseline,
                                 const std::vector<AppliedLever>& levers, double* cost);

/// A scenario of a sweep: an intensity for each of its levers.
struct ScenarioPoint {
    std::string name;               ///< "digital=0.5,retrofit=10"
    std::vector<double> intensity;  ///< one for each lever of the sweep
};
/// Full grid over the levers' lists of intensities, last lever fastest.
[[nodiscard]] std::vector<ScenarioPoint> full_grid(const std::vector<std::string>& lever_names,
                                                   const std::vector<std::vector<double>>& intensities);

}  // namespace greenfront
