#include "scenarios/synth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "kernels/error.hpp"
#include "kernels/rng/philox.hpp"
#include "scenarios/synth_structure.hpp"

// How the numbers come about. Every city has latent traits (development, size, digital capacity, new quality
// level Q) and every series of it a stationary AR(1) of its own; the 15 indicators are log-linear in Q. From
// the indicators follows a level q, and from q, the controls and the city comes an efficiency theta; inputs
// and emissions per unit of output are inversely related to theta, so that an efficiency analysis finds q's
// effect again. Two cities have theta near 1 and set the frontier. Nothing is taken from any real city.
namespace greenfront {
namespace {

using rng::Stream;
using synth::City;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Purposes (draw numbers) of a city's streams. An indicator's series is first_indicator + its number.
constexpr std::uint64_t draw_traits = 0, draw_missing = 1, first_series = 10, first_indicator = 100;
enum Series : std::uint64_t {
    s_quality,
    s_growth,
    s_gov,
    s_fdi,
    s_finan,
    s_theta,
    s_invest,
    s_labour,
    s_energy,
    s_co2,
    s_pm25,
    s_share,
    s_patents,
    s_price,
    s_internet,
    s_volume,
    s_population
};

/// ln x = level + load Q + city e_i + trend (year - 2016.5) + year e_it.
struct Indicator {
    const char* name;
    const char* unit;
    double level, load, city, trend, year;
    double weight, top;  // part in q: weight x / top
};
constexpr std::array<Indicator, 12> indicators{{
    {"students", "per resident", -5.00, 0.55, 1.15, 0.020, 0.06, 0.083, 0.130},
    {"ict_employment", "share of employees", -5.00, 0.40, 0.95, 0.005, 0.12, 0.056, 0.080},
    {"wage", "yuan", 11.00, 0.12, 0.12, 0.070, 0.03, 0.018, 130000},
    {"robots", "per 10 000 employed persons", 1.40, 0.80, 1.15, 0.200, 0.10, 0.137, 250},
    {"postal", "share of gdp", -6.50, 0.45, 1.15, 0.120, 0.15, 0.086, 0.030},
    {"telecom", "share of gdp", -4.60, 0.25, 0.85, 0.005, 0.15, 0.046, 0.07},
    {"science_spending", "share of budget", -4.90, 0.55, 1.15, 0.020, 0.15, 0.083, 0.13},
    {"so2_intensity", "tonnes per 10 000 yuan", -6.00, -0.20, 0.60, -0.250, 0.20, 0, 1},
    {"library_books", "10 000 volumes", 4.20, 1.10, 1.45, 0.060, 0.05, 0.173, 5500},
    {"broadband_ports", "per resident", -1.50, 0.30, 0.65, 0.120, 0.06, 0.036, 2.0},
    {"mobile_subscribers", "per resident", -0.10, 0.18, 0.25, 0.030, 0.04, 0.012, 2.6},
    {"ai_enterprises", "number", 1.60, 1.30, 1.40, 0.270, 0.10, 0.244, 1500},
}};

/// T values of a stationary AR(1) with unit variance.
std::vector<double> series(std::uint64_t seed, std::size_t city, std::uint64_t draw, std::size_t periods,
                           double rho) {
    Stream stream(seed, rng::stage_synth, city, draw);
    std::vector<double> x(periods);
    for (std::size_t t = 0; t < periods; ++t) {
        const double e = stream.normal();
        x[t] = t == 0 ? e : rho * x[t - 1] + std::sqrt(1 - rho * rho) * e;
    }
    return x;
}

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

/// The columns of the panel under construction, by name, in the order of first use.
class Table {
  public:
    explicit Table(std::size_t rows) : rows_(rows) {}
    double& at(const char* name, const char* unit, std::size_t row) {
        const auto found = index_.find(name);
        if (found != index_.end()) return columns_[found->second].number[row];
        index_[name] = columns_.size();
        columns_.push_back({name, false, std::vector<double>(rows_, nan), {}, unit});
        return columns_.back().number[row];
    }
    std::string& text(const char* name, std::size_t row) {
        const auto found = index_.find(name);
        if (found != index_.end()) return columns_[found->second].label[row];
        index_[name] = columns_.size();
        columns_.push_back({name, true, {}, std::vector<std::string>(rows_), {}});
        return columns_.back().label[row];
    }
    std::vector<Column> take() { return std::move(columns_); }

  private:
    std::size_t rows_;
    std::vector<Column> columns_;
    std::map<std::string, std::size_t> index_;
};

/// What the efficiency of a city and year depends on.
struct Causes {
    double q, digital, pilot, per_head, gov, finan;
};

/// One city: draws its traits, then writes its rows.
class Maker {
  public:
    Maker(const SynthSettings& settings, const City& city, std::size_t number, Table& table)
        : settings_(settings),
          city_(city),
          number_(number),
          table_(table),
          periods_(static_cast<std::size_t>(settings.last_year - settings.first_year + 1)) {
        Stream traits(settings.seed, rng::stage_synth, number, draw_traits);
        Stream region(settings.seed, rng::stage_synth, 1000000 + city.province, draw_traits);
        const double elevated = city.municipality ? 1.0 : city.capital ? 0.7 : 0.0;
        province_ = region.normal();
        development_ = 0.85 * traits.normal() + 0.35 * province_ + 0.9 * elevated - 0.12;
        quality_ =
            0.55 * development_ + 0.6 * traits.normal() + 1.6 * elevated - (city.resource_based ? 0.3 : 0.0);
        digital_ = 0.6 * quality_ + 0.6 * traits.normal();
        catching_up_ = traits.normal();
        size_ = traits.normal() + 2.2 * (city.municipality ? 1.0 : 0.0) + 0.6 * (city.capital ? 1.0 : 0.0);
        density_ = 0.7 * traits.normal() + 0.3 * province_;
        level_ = traits.normal();
        for (auto& e : own_) e = traits.normal();
        for (std::size_t k = 0; k < indicators.size(); ++k) indicator_own_[k] = traits.normal();
    }

    void write(std::size_t first_row) {
        for (std::size_t t = 0; t < periods_; ++t) write_year(t, first_row + t);
        knock_out(first_row);
    }

  private:
    /// Value t of one of the city's AR(1) series.
    double shock(std::uint64_t draw, std::size_t t, double rho = 0.6) {
        auto& known = series_[draw];
        if (known.empty()) known = series(settings_.seed, number_, draw, periods_, rho);
        return known[t];
    }
    double shock(Series s, std::size_t t, double rho = 0.6) { return shock(first_series + s, t, rho); }
    double& cell(const char* name, const char* unit, std::size_t row) { return table_.at(name, unit, row); }

    double write_indicators(double T, std::size_t t, std::size_t row);
    void write_year(std::size_t t, std::size_t row);
    double efficiency(std::size_t t, const Causes& causes);
    void write_inputs(std::size_t t, std::size_t row, double theta, double real_gdp, double price, double T);
    void knock_out(std::size_t first_row);

    const SynthSettings& settings_;
    const City& city_;
    std::size_t number_;
    Table& table_;
    std::size_t periods_;
    double province_ = 0, development_ = 0, quality_ = 0, digital_ = 0, catching_up_ = 0, size_ = 0,
           density_ = 0, level_ = 0, price_ = 1;
    std::array<double, 8> own_{};
    std::array<double, indicators.size()> indicator_own_{};
    std::map<std::uint64_t, std::vector<double>> series_;
};

/// Writes the 15 indicators; returns q, about what an entropy index of them will say.
double Maker::write_indicators(double T, std::size_t t, std::size_t row) {
    const double Q = quality_ + 0.02 * T * catching_up_ + 0.25 * shock(s_quality, t, 0.75);
    double q = 0;
    for (std::size_t k = 0; k < indicators.size(); ++k) {
        const Indicator& i = indicators[k];
        double x = std::exp(i.level + i.load * Q + i.city * indicator_own_[k] + i.trend * T +
                            i.year * shock(first_indicator + k, t));
        if (std::string_view(i.name) == "ai_enterprises") x = std::floor(x);
        cell(i.name, i.unit, row) = x;
        q += i.weight * std::min(x / i.top, 1.2);
    }
    cell("green_cover", "% of built-up area", row) =
        std::max(15.0, 46 + 0.2 * T + 0.4 * Q - 3.5 * std::exp(0.6 * own_[0]) + 0.8 * shock(s_share, t));
    cell("waste_treatment", "%", row) =
        100 - std::min(60.0, 4 * std::exp(-0.18 * T + 0.9 * own_[1] - 0.2 * Q));
    cell("digital_finance", "index", row) =
        60 + 260 * sigmoid((T + 0.8) / 3.2) + 14 * Q + 3 * own_[2] + 2 * shock(s_internet, t);
    return q;
}

/// theta: 1 at the frontier, around 0.1 elsewhere. q works where digital capacity is high and the city does
/// not live from resources; a pilot city without digital capacity loses a little.
double Maker::efficiency(std::size_t t, const Causes& c) {
    if (city_.leader) return 0.90 + 0.003 * shock(s_theta, t, 0.5);
    const double able = sigmoid(5 * c.digital);
    double effect = 1.3 * able - (c.pilot > 0 ? 0.3 * (1 - able) : 0.0);
    if (city_.resource_based) effect *= 0.25;
    const double controls =
        0.010 * (std::log(c.per_head) - 10.8) - 0.08 * (c.gov - 0.19) - 0.006 * (c.finan - 2.6);
    const double theta =
        0.066 + 0.016 * level_ + effect * (c.q - 0.07) + controls + 0.011 * shock(s_theta, t, 0.5);
    return std::clamp(theta, 0.025, 0.45);
}

void Maker::write_year(std::size_t t, std::size_t row) {
    const auto year = settings_.first_year + static_cast<std::int64_t>(t);
    const double T = static_cast<double>(year) - 2016.5;
    const double pilot = city_.pilot_wave != 0 && year >= city_.pilot_wave ? 1 : 0;
    table_.text("city", row) = city_.name;
    cell("year", "", row) = static_cast<double>(year);
    table_.text("province", row) = city_.province_name;
    cell("municipality", "0/1", row) = city_.municipality ? 1 : 0;
    cell("capital_city", "0/1", row) = city_.capital ? 1 : 0;
    cell("resource_based", "0/1", row) = city_.resource_based ? 1 : 0;
    cell("pilot_wave", "year", row) = static_cast<double>(city_.pilot_wave);
    cell("pilot", "0/1", row) = pilot;

    const double moving = 0.008 * std::tanh(0.6 * development_ + 0.6 * own_[2]);  // growth of the city's own
    const double population =                                                     // 10 000 persons
        std::exp(5.85 + 0.45 * size_ + (0.003 + moving) * T + 0.01 * shock(s_population, t, 0.8));
    const double per_head = std::exp(10.76 + 0.52 * development_ + 0.068 * T +
                                     0.03 * std::clamp(shock(s_growth, t, 0.8), -3.0, 3.0));
    if (t > 0) price_ *= 1.02 + 0.006 * shock(s_price, t);
    const double real_gdp = per_head * population, gdp = real_gdp * price_;
    cell("area", "km2", row) =
        10000 * std::exp(5.85 + 0.45 * size_) / std::exp(5.875 + density_ + 0.25 * size_);
    cell("population", "10 000 persons", row) = population;
    cell("gdp", "10 000 yuan", row) = gdp;
    cell("price_index", "first year = 1", row) = price_;

    const double gov = std::exp(-1.76 - 0.28 * development_ + 0.33 * own_[3] + 0.05 * shock(s_gov, t));
    const double fdi = std::max(
        0.0,
        0.0125 * std::exp(0.7 * own_[4] + 0.3 * development_ - 0.05 * T + 0.2 * shock(s_fdi, t)) - 0.0012);
    const double finan =
        std::exp(0.85 + 0.24 * quality_ + 0.32 * own_[5] + 0.03 * T + 0.05 * shock(s_finan, t));
    cell("budget_expenditure", "10 000 yuan", row) = gov * gdp;
    cell("fdi", "10 000 yuan", row) = fdi * gdp;
    cell("loans", "10 000 yuan", row) = finan * gdp;

    const double q = write_indicators(T, t, row);
    const double digital = digital_ + 0.25 * T;
    cell("internet_users", "per 100 residents", row) =
        100 * sigmoid(-0.9 + 0.45 * digital_ + 0.14 * T + 0.08 * shock(s_internet, t));
    cell("telecom_volume", "yuan per resident", row) =
        std::exp(7.0 + 0.4 * digital_ + 0.12 * T + 0.12 * shock(s_volume, t));
    write_inputs(t, row, efficiency(t, {q, digital, pilot, per_head, gov, finan}), real_gdp, price_, T);

    const double applications =
        std::exp(3.6 + 0.6 * size_ + 0.7 * quality_ + 0.16 * T + 2.4 * q + 0.15 * shock(s_patents, t));
    cell("green_patent_applications", "number", row) = std::floor(applications);
    cell("green_patents_granted", "number", row) =
        std::floor(applications * 0.55 * std::exp(0.02 * T + 1.0 * q + 0.08 * shock(s_share, t)));
}

/// Inputs and emissions per unit of real output, inversely related to theta; elasticities differ.
void Maker::write_inputs(std::size_t t, std::size_t row, double theta, double real_gdp, double price,
                         double T) {
    const double calm = city_.leader ? 0.2 : 1.0;  // the frontier does not jump about
    // The rate of investment is the city's own and its noise is bounded: growth plus depreciation stays
    // positive, or no first stock could be made from it.
    const double lean =
        city_.leader ? 0.9 : 0.075 + 0.015 * std::tanh(level_) + 0.02 * std::tanh(0.4 * quality_);
    const double invest = std::clamp(shock(s_invest, t), -2.5, 2.5);
    cell("investment", "10 000 yuan", row) =
        0.115 * std::pow(lean, -0.6) * std::exp(0.10 * own_[6] + 0.01 * invest) * real_gdp * price;
    cell("depreciation", "per year", row) =
        0.100 + 0.008 * std::tanh(own_[7]) + 0.002 * std::tanh(shock(s_invest, t));
    cell("labour", "10 000 persons", row) =
        3.0e-7 / theta * std::exp(0.12 * own_[0] + 0.04 * calm * shock(s_labour, t)) * real_gdp;
    const double dirty = city_.resource_based ? 0.25 : 0.0;
    const double energy =  // tonnes of standard coal equivalent
        0.0080 / std::pow(theta, 1.1) * std::exp(dirty + 0.15 * own_[1] + 0.05 * calm * shock(s_energy, t)) *
        real_gdp;
    const double gas = 0.22 * sigmoid(0.10 * T + 0.5 * own_[2]) * 2 * 0.8,
                 lpg = 0.05 * std::exp(-0.04 * T + 0.3 * own_[3]);
    cell("natural_gas", "10 000 m3", row) = energy * gas / 13.3;
    cell("lpg", "tonnes", row) = energy * lpg / 1.7143;
    cell("electricity", "10 000 kWh", row) = energy * (1 - gas - lpg) / 1.229;
    cell("co2", "tonnes", row) = 17.0 * energy * std::pow(theta, 0.1) *
                                 std::exp(dirty + 0.2 * own_[4] + 0.04 * calm * shock(s_co2, t));
    cell("pm25", "ug/m3", row) = std::exp(3.68 - 0.045 * T + 0.22 * province_ + 0.12 * own_[5] + 0.8 * dirty -
                                          0.3 * (theta - 0.1) + 0.05 * calm * shock(s_pm25, t));
}

/// A few missing cells, never in a city's first or last year, where interpolation could not fill them.
void Maker::knock_out(std::size_t first_row) {
    static constexpr std::array<const char*, 8> holes{"natural_gas", "lpg",     "wage", "library_books",
                                                      "postal",      "telecom", "fdi",  "internet_users"};
    Stream stream(settings_.seed, rng::stage_synth, number_, draw_missing);
    for (const char* name : holes) {
        for (std::size_t t = 0; t < periods_; ++t) {
            const bool hole = stream.uniform() < 0.008;
            if (hole && t > 0 && t + 1 < periods_) cell(name, "", first_row + t) = nan;
        }
    }
}

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

Panel synthesize(const SynthSettings& settings) {
    require_possible(settings);
    const auto cities = synth::structure(settings);
    const auto periods = static_cast<std::size_t>(settings.last_year - settings.first_year + 1);
    Table table(cities.size() * periods);
    for (std::size_t i = 0; i < cities.size(); ++i) Maker(settings, cities[i], i, table).write(i * periods);
    return Panel::from_table(
        fmt::format("synth:{}x{}-{}", settings.cities, settings.first_year, settings.last_year), table.take(),
        "city", "year");
}

}  // namespace greenfront
