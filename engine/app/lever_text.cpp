#include "engine/app/lever_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/table.hpp"

namespace greenfront::app {
namespace {

/// The median of a parameter, short.
std::string median(const Uncertain& parameter) {
    return fmt::format("{:.6g}", point_value(parameter));
}

/// "+ 0.5 i" or "- i".
std::string step(const Uncertain& per_unit) {
    const double p = point_value(per_unit);
    const std::string size = std::abs(p) == 1 ? "" : fmt::format("{:.6g} ", std::abs(p));
    return fmt::format("{} {}i", p < 0 ? "-" : "+", size);
}

/// "i" or "0.5 i".
std::string share(const Uncertain& per_unit) {
    const double p = point_value(per_unit);
    return p == 1 ? "i" : fmt::format("{:.6g} i", p);
}

std::string target(const Operation& o) {
    if (o.target.word == "value") return median(o.value);
    const std::string what = o.target.word.empty() ? fmt::format("p{}", o.target.percentile) : o.target.word;
    return o.within.empty() ? what : fmt::format("{} of its {}", what, o.within);
}

std::string bounds(const Operation& o) {
    std::string text;
    if (o.minimum) text += fmt::format(", not below {}", *o.minimum);
    if (o.maximum) text += fmt::format(", not above {}", *o.maximum);
    return text;
}

/// Lines of at most 100 characters, each with the indent.
std::string wrapped(const std::string& text, const std::string& indent) {
    constexpr std::size_t width = 100;
    std::string result, line;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const std::string word = text.substr(begin, end - begin);
        if (!line.empty() && indent.size() + line.size() + 1 + word.size() > width) {
            result += indent + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
        begin = end + 1;
    }
    return line.empty() ? result : result + indent + line + "\n";
}

/// The distribution's own keys.
struct JsonFields {
    Json json = Json::object();
    void choice(const char* key, const std::string& value, const std::vector<std::string>&, const char*) {
        json[key] = value;
    }
    void field(const char*, double, const char*) {}  // of fixed parameters, which are not shown so
    void field(const char* key, const std::optional<double>& value, const char*) {
        if (value) json[key] = number(*value);
    }
};

struct Parameter {
    std::string key;
    Uncertain value;
};
std::vector<Parameter> parameters(const Operation& o) {
    return {{"per_unit", o.per_unit},
            {"value", o.value},
            {"elasticity", o.elasticity},
            {"base", o.base},
            {"cost_per_unit", o.cost_per_unit}};
}

/// Point values, and the distributions of what is uncertain.
void add_parameters(Json& json, const std::vector<Parameter>& all) {
    Json distributions = Json::object();
    for (auto [key, value] : all) {
        if (!value.given()) continue;
        json[key] = number(point_value(value));
        if (!value.drawn()) continue;
        JsonFields fields;
        describe(value, fields);
        distributions[key] = fields.json;
    }
    if (!distributions.empty()) json["uncertain"] = distributions;
}

Json operation_json(const Operation& o) {
    Json json{{"type", o.type}, {"variable", o.variable}};
    add_parameters(json, parameters(o));
    if (o.type == "close_gap") {
        json["target"] = o.target.word.empty() ? number(o.target.percentile) : Json(o.target.word);
        json["from_above"] = o.from_above;
    }
    for (const auto& [key, text] :
         {std::pair("within", o.within), {"weight", o.weight}, {"driver", o.driver}}) {
        if (!text.empty()) json[key] = text;
    }
    if (o.type == "assign") json["threshold"] = number(o.threshold);
    if (o.minimum) json["minimum"] = number(*o.minimum);
    if (o.maximum) json["maximum"] = number(*o.maximum);
    json["formula"] = formula(o);
    json["assumption"] = o.assumption.empty() ? Json(nullptr) : Json(o.assumption);
    return json;
}

io::Table operations_table(const Lever& lever) {
    io::Table table;
    table.title = "Operations, one after the other";
    table.header = {"operation", "variable", "becomes"};
    table.left = {true, true, true};
    for (const auto& o : lever.operations) table.rows.push_back({o.type, o.variable, formula(o)});
    return table;
}

/// Every sentence that a number rests on, once.
std::string assumptions(const Lever& lever) {
    std::vector<std::pair<std::string, std::string>> said;  // assumption, variables
    for (const auto& o : lever.operations) {
        if (o.assumption.empty()) continue;
        const auto same =
            std::find_if(said.begin(), said.end(), [&](const auto& s) { return s.first == o.assumption; });
        if (same == said.end()) {
            said.emplace_back(o.assumption, o.variable);
        } else {
            same->second += ", " + o.variable;
        }
    }
    std::string text;
    for (const auto& [assumption, variables] : said)
        text += wrapped(fmt::format("{}: {}", variables, assumption), "  ");
    return text.empty() ? "" : "\nAssumptions, where the source gives no number\n" + text;
}

std::string uncertainty(const Lever& lever) {
    std::string text;
    const auto add = [&](const std::string& name, const Uncertain& value) {
        if (value.drawn()) text += fmt::format("  {}: {}\n", name, greenfront::in_words(value));
    };
    for (std::size_t o = 0; o < lever.operations.size(); ++o) {
        for (const auto& [key, value] : parameters(lever.operations[o]))
            add(fmt::format("operations.{}.{} ({})", o, key, lever.operations[o].variable), value);
    }
    add("cost_per_unit", lever.cost_per_unit);
    return text.empty() ? "" : "\nUncertain parameters; without draws each is at its median\n" + text;
}

std::string use(const Lever& lever) {
    const double high = lever.intensity_high;
    return fmt::format(
        "\nIn a study\n"
        "  [[sweep.policy.levers]]\n"
        "  lever = \"{}\"\n"
        "  intensities = [0, {}, {}]\n"
        "  path = {{ shape = \"linear\", start = 2018, length = 3 }}\n",
        lever.name, high / 2, high);
}

std::string heading(const std::string& name, const std::string& title, const std::string& description,
                    const std::string& source) {
    std::string text = title.empty() ? name + "\n" : fmt::format("{}: {}\n", name, title);
    text += wrapped(description, "  ");
    if (!source.empty()) text += wrapped("Source: " + source, "  ");
    return text;
}

}  // namespace

std::string formula(const Operation& o) {
    const std::string& x = o.variable;
    std::string text;
    if (o.type == "scale") text = fmt::format("{} x (1 {})", x, step(o.per_unit));
    if (o.type == "shift") text = fmt::format("{} {}", x, step(o.per_unit));
    if (o.type == "shift" && !o.weight.empty()) text += fmt::format(" x {}", o.weight);
    if (o.type == "set") text = fmt::format("{}: {} of the way to {}", x, share(o.per_unit), median(o.value));
    if (o.type == "cap")
        text = fmt::format("{}: {} of the way down to {}", x, share(o.per_unit), median(o.value));
    if (o.type == "floor")
        text = fmt::format("{}: {} of the way up to {}", x, share(o.per_unit), median(o.value));
    if (o.type == "close_gap")
        text = fmt::format("{}: {} of the gap {} to {}", x, share(o.per_unit), o.from_above ? "down" : "up",
                           target(o));
    if (o.type == "elasticity") {
        const std::string ratio = o.driver.empty() ? fmt::format("(1 + i / {})", median(o.base))
                                                   : fmt::format("({} after / before)", o.driver);
        text = fmt::format("{} x {}^{}", x, ratio, median(o.elasticity));
    }
    if (o.type == "assign") text = fmt::format("{} = {} if i > {}", x, median(o.value), o.threshold);
    return text + bounds(o);
}

std::string explained(const Lever& lever) {
    std::string text = heading(lever.name, lever.title, lever.description, lever.source);
    text += fmt::format("  Intensity i: {}, from {} to {}; 0 changes nothing.\n", lever.intensity_unit,
                        lever.intensity_low, lever.intensity_high);
    if (lever.costed()) {
        text += "  Cost";
        if (lever.cost_per_unit.given())
            text += fmt::format(" per unit of intensity, unit and period: {}",
                                greenfront::in_words(lever.cost_per_unit));
        text += fmt::format("{}.\n", lever.cost_unit.empty() ? "" : ", in " + lever.cost_unit);
    } else {
        text +=
            "  Cost: none is known; a study may give cost_per_unit and cost_unit in a lever of its own.\n";
    }
    text += "\n" + io::text(operations_table(lever));
    return text + assumptions(lever) + uncertainty(lever) + use(lever);
}

std::string explained(const Package& package, const Named<Lever>& levers) {
    std::string text = heading(package.name, package.title, package.description, package.source);
    io::Table table;
    table.title = "Levers at full strength, one after the other";
    table.header = {"lever", "intensity", "unit", "rows"};
    table.left = {true, false, true, true};
    const auto expanded = expand_package(package, [&](const std::string& name) { return levers.find(name); });
    for (const auto& one : expanded) {
        table.rows.push_back({one.lever.name, fmt::format("{:.6g}", one.intensity), one.lever.intensity_unit,
                              one.where.empty() ? "all" : one.where});
    }
    table.notes = {
        "greenfront levers NAME explains each; \"levers NAME --format toml\" prints a copy to change."};
    return text + "\n" + io::text(table);
}

Json lever_json(const Lever& lever) {
    Json operations = Json::array();
    for (const auto& o : lever.operations) operations.push_back(operation_json(o));
    const bool priced = lever.costed();
    Json json{{"name", lever.name},
              {"title", lever.title},
              {"description", lever.description},
              {"source", lever.source},
              {"intensity_unit", lever.intensity_unit},
              {"intensity_low", number(lever.intensity_low)},
              {"intensity_high", number(lever.intensity_high)},
              {"operations", operations},
              {"cost_per_unit", nullptr},
              {"cost_unit", priced ? Json(lever.cost_unit) : Json(nullptr)}};
    add_parameters(json, {{"cost_per_unit", lever.cost_per_unit}});
    return json;
}

Json draws_json(const Lever& lever, std::uint64_t seed, std::uint64_t count) {
    Json draws = Json::object();
    const auto add = [&](const std::string& place, const Uncertain& value) {
        if (!value.drawn()) return;
        const auto stream = stream_of(lever.name, place);
        for (std::uint64_t r = 0; r < count; ++r)
            draws[place].push_back(number(quantile(value, uniform_of(seed, stream, r))));
    };
    add("cost_per_unit", lever.cost_per_unit);
    for (std::size_t o = 0; o < lever.operations.size(); ++o) {
        for (const auto& [key, value] : parameters(lever.operations[o]))
            add(fmt::format("operations.{}.{}", o, key), value);
    }
    return draws;
}

Json package_json(const Package& package) {
    Json levers = Json::array();
    for (const auto& one : package.levers) {
        Json entry{{"lever", one.lever}};
        if (one.intensity) entry["intensity"] = number(*one.intensity);
        if (one.share) entry["share"] = number(*one.share);
        if (!one.where.empty()) entry["where"] = one.where;
        levers.push_back(entry);
    }
    return {{"name", package.name},
            {"title", package.title},
            {"description", package.description},
            {"source", package.source},
            {"levers", levers}};
}

}  // namespace greenfront::app
