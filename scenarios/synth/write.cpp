#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "kernels/blocking.hpp"
#include "kernels/error.hpp"
#include "kernels/rng/philox.hpp"
#include "scenarios/synth/inversion.hpp"
#include "scenarios/synth/realise.hpp"
#include "scenarios/synth/series.hpp"

namespace greenfront::synth {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
enum Purpose : std::uint64_t { draw_lpg = 2503 };

/// The columns of the panel under construction, in the order of first use.
class Table {
  public:
    void add(const char* name, const char* unit, const VectorXd& values) {
        columns_.push_back({name, false, {values.begin(), values.end()}, {}, unit});
    }
    void add(const char* name, std::vector<std::string> labels) {
        columns_.push_back({name, true, {}, std::move(labels), {}});
    }
    std::vector<Column> take() { return std::move(columns_); }

  private:
    std::vector<Column> columns_;
};

VectorXd with_holes(const Draft& draft, Hole hole, VectorXd values) {
    for (Index r = 0; r < values.size(); ++r) {
        if (draft.hole[static_cast<std::size_t>(r)][hole]) values(r) = nan;
    }
    return values;
}

template <class Value>
VectorXd by_row(const Draft& draft, const Value& value) {
    VectorXd v(draft.rows());
    for (Index r = 0; r < v.size(); ++r) v(r) = static_cast<double>(value(r));
    return v;
}

void add_structure(const Draft& draft, Table& table) {
    std::vector<std::string> city, province;
    for (Index r = 0; r < draft.rows(); ++r) {
        city.push_back(draft.city_of(r).name);
        province.push_back(draft.city_of(r).province_name);
    }
    table.add("city", std::move(city));
    table.add("year", "", by_row(draft, [&](Index r) { return draft.year_of(r); }));
    table.add("province", std::move(province));
    const auto flag = [&](const char* name, bool City::*member) {
        table.add(name, "0/1", by_row(draft, [&](Index r) { return draft.city_of(r).*member ? 1 : 0; }));
    };
    flag("municipality", &City::municipality);
    flag("capital_city", &City::capital);
    flag("resource_based", &City::resource_based);
    table.add("pilot_wave", "year", by_row(draft, [&](Index r) { return draft.city_of(r).pilot_wave; }));
    table.add("pilot", "0/1", by_row(draft, [&](Index r) { return draft.pilot(r) ? 1 : 0; }));
}

void add_indicators(const Draft& draft, Table& table) {
    struct Scale {
        const char *name, *unit;
        double low, high;
        std::optional<Hole> hole{};
    };
    static constexpr std::array<Scale, n_indicators> scales{{
        {"students", "per resident", 0.0002, 0.134},
        {"ict_employment", "share of employees", 0.0006, 0.103},
        {"wage", "yuan", 31000, 136000, hole_wage},
        {"robots", "per 10 000 employed persons", 0.1, 420},
        {"postal", "share of gdp", 0.00006, 0.033, hole_postal},
        {"telecom", "share of gdp", 0.0011, 0.077, hole_telecom},
        {"science_spending", "share of budget", 0.0005, 0.165},
        {"green_cover", "% of built-up area", 28, 47},
        {"waste_treatment", "%", 55, 100},
        {"so2_intensity", "tonnes per 10 000 yuan", 0.0276, 0.0002},
        {"library_books", "10 000 volumes", 1, 8200, hole_library},
        {"broadband_ports", "per resident", 0.025, 1.68},
        {"mobile_subscribers", "per resident", 0.46, 2.4},
        {"ai_enterprises", "number", 0, most_ai_enterprises},
        {"digital_finance", "index", 0, 0},
    }};
    for (std::size_t j = 0; j < n_indicators; ++j) {
        const Scale& s = scales[j];
        VectorXd v = draft.indicator.col(static_cast<Index>(j));
        if (j == digital_finance) {
            v = 100 * draft.mediator.col(finance);
        } else if (j == ai_enterprises) {
            v = (v * most_ai_enterprises).array().round();
        } else {
            v = s.low + v.array() * (s.high - s.low);
        }
        table.add(s.name, s.unit, s.hole ? with_holes(draft, *s.hole, v) : v);
    }
    table.add("internet_users", "per 100 residents",
              with_holes(draft, hole_internet, 9 + 56 * draft.internet.array()));
    table.add("telecom_volume", "yuan per resident", 300 + 3800 * draft.telecom_volume.array());
}

/// Natural gas, LPG and electricity that add up to the energy; where one cell is a hole, the other closes.
void add_energy(const Draft& draft, const Quantities& x, Table& table) {
    const VectorXd own = city_scores(draft, draw_lpg, false);
    VectorXd electricity(draft.rows()), gas(draft.rows()), lpg(draft.rows());
    for (Index r = 0; r < draft.rows(); ++r) {
        const bool leader = draft.city_of(r).leader;
        const double per_10_yuan =
            leader ? 0.2 * x.energy(r) / x.output(r) : draft.mediator(r, electricity_gdp);
        electricity(r) = per_10_yuan * x.output(r) / 10;
        lpg(r) = 0.06 * std::exp(0.2 * own(r / draft.periods)) * x.energy(r) / 1.7143;
        gas(r) = (x.energy(r) - 1.229 * electricity(r) - 1.7143 * lpg(r)) / 13.3;
    }
    fill_holes(draft, hole_natural_gas, gas);
    fill_holes(draft, hole_lpg, lpg);
    for (Index r = 0; r < draft.rows(); ++r) {
        const auto& hole = draft.hole[static_cast<std::size_t>(r)];
        const double rest = x.energy(r) - 1.229 * electricity(r);
        if (hole[hole_natural_gas]) lpg(r) = std::max(0.0, rest - 13.3 * gas(r)) / 1.7143;
        if (hole[hole_lpg]) gas(r) = (rest - 1.7143 * lpg(r)) / 13.3;
    }
    table.add("natural_gas", "10 000 m3", with_holes(draft, hole_natural_gas, gas));
    table.add("lpg", "tonnes", with_holes(draft, hole_lpg, lpg));
    table.add("electricity", "10 000 kWh", electricity);
}

VectorXd count(const Draft& draft, Mediator mediator) {
    return (draft.mediator.col(mediator).array().exp() - 1).round().max(0.0);
}

}  // namespace

Panel write(const Draft& draft) {
    const Quantities x = invert(draft);
    const VectorXd gdp = x.output.cwiseProduct(draft.price);
    Table table;
    add_structure(draft, table);
    table.add("area", "km2", x.area);
    table.add("population", "10 000 persons", x.population);
    table.add("gdp", "10 000 yuan", gdp);
    table.add("price_index", "first year = 1", draft.price);
    table.add("budget_expenditure", "10 000 yuan", draft.control.col(gov).cwiseProduct(gdp));
    table.add("fdi", "10 000 yuan", with_holes(draft, hole_fdi, draft.control.col(fdi).cwiseProduct(gdp)));
    table.add("loans", "10 000 yuan", draft.control.col(finan).cwiseProduct(gdp));
    add_indicators(draft, table);
    table.add("investment", "10 000 yuan", x.investment.cwiseProduct(draft.price));
    table.add("depreciation", "per year", x.depreciation);
    table.add("labour", "10 000 persons", x.labour);
    add_energy(draft, x, table);
    table.add("co2", "tonnes", x.carbon);
    table.add("pm25", "ug/m3", x.pm25);
    table.add("green_patent_applications", "number", count(draft, patents_applied));
    table.add("green_patents_granted", "number", count(draft, patents_granted));
    return Panel::from_table(fmt::format("synth:{}x{}-{}", draft.settings.cities, draft.settings.first_year,
                                         draft.settings.last_year),
                             table.take(), "city", "year");
}

}  // namespace greenfront::synth

namespace greenfront {
namespace {

void require_possible(const SynthSettings& s) {
    if (s.cities < 10 || s.cities > 500000) {
        throw Error(Fault::usage, fmt::format("synth: {} cities; ask for 10 to 500000", s.cities));
    }
    if (s.first_year < 1950 || s.last_year > 2100 || s.last_year <= s.first_year) {
        throw Error(Fault::usage,
                    fmt::format("synth: years {}:{}; ask for at least two years between 1950 and 2100",
                                s.first_year, s.last_year));
    }
}

}  // namespace

Panel synthesize(const SynthSettings& settings, std::vector<std::string>* warnings) {
    require_possible(settings);
    fix_blocking();  // another order of sums leads the calibration elsewhere
    synth::Draft draft = synth::draw(settings);
    if (synth::is_calibrated(settings)) synth::calibrate(draft);
    Panel panel = synth::write(draft);
    if (warnings != nullptr) warnings->insert(warnings->end(), draft.warnings.begin(), draft.warnings.end());
    return panel;
}

}  // namespace greenfront
