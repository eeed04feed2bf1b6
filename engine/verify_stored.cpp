#include "engine/verify_stored.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace greenfront::verify {
namespace {

using Words = std::vector<std::string>;
using Numbers = std::vector<double>;

/// The words of the stage as they stand in the attributes.
DeaStage words_of(const Reader& group) {
    DeaStage words;
    words.model = group.attribute<std::string>("model");
    words.orientation = group.attribute<std::string>("orientation");
    words.returns = group.attribute<std::string>("returns");
    words.disposability = group.attribute<std::string>("disposability");
    words.reference = group.attribute<std::string>("reference");
    words.inputs = group.attribute<Words>("inputs");
    words.good = group.attribute<Words>("good");
    words.bad = group.attribute_or<Words>("bad", {});
    words.bads_as_inputs = group.attribute<std::int64_t>("bads_as_inputs") != 0;
    words.combine = group.attribute<std::int64_t>("combine") != 0;
    words.super = group.attribute<std::int64_t>("super") != 0 && !words.combine;
    words.super_bads = group.attribute_or<std::string>("super_bads", "");
    words.super_leave = group.attribute_or<std::string>("super_leave", "");
    words.scale_efficiency = group.has("scale_efficiency");
    words.zeros = group.attribute_or<std::string>("zeros", "");
    const auto prices = group.attribute_or<Words>("prices", {});
    (words.model == "cost" ? words.prices_inputs : words.prices_good) = prices;
    const auto name = group.attribute_or<std::string>("weights", "");
    if (name == "given") {
        words.weights.numbers = group.attribute<Numbers>("item_weights");
    } else {
        words.weights.word = name;
    }
    const auto direction = [&](const char* key, WordOrNumbers& words_or_numbers) {
        const auto word = group.attribute_or<std::string>(key, "");
        const auto numbers = group.attribute_or<Numbers>(std::string(key) + "_values", {});
        if (numbers.empty()) {
            words_or_numbers.word = word;
        } else {
            words_or_numbers.numbers = numbers;  // ones and means, too
        }
    };
    direction("direction_inputs", words.direction_inputs);
    direction("direction_good", words.direction_good);
    direction("direction_bad", words.direction_bad);
    return words;
}

DeaChoice choice_of(const Reader& group) {
    const DeaStage words = words_of(group);
    try {
        return choose_dea(words, Fault::study);
    } catch (const Error& error) {
        throw damaged(fmt::format("the attributes do not go together: {}", error.what()));
    }
}

/// Sets the codes of units and periods, for rows in the order of unit and time.
void set_rows(Panel& panel, const std::vector<std::string>& unit, const std::vector<std::int64_t>& time) {
    panel.time_value = time;
    std::sort(panel.time_value.begin(), panel.time_value.end());
    panel.time_value.erase(std::unique(panel.time_value.begin(), panel.time_value.end()),
                           panel.time_value.end());
    for (std::size_t r = 0; r < unit.size(); ++r) {
        if (r == 0 || unit[r] != unit[r - 1]) {
            if (std::find(panel.unit_name.begin(), panel.unit_name.end(), unit[r]) != panel.unit_name.end())
                throw damaged(fmt::format("reference_unit: the rows of {} do not stand together", unit[r]));
            panel.unit_name.push_back(unit[r]);
        } else if (time[r] <= time[r - 1]) {
            throw damaged(
                fmt::format("reference_time: {} {} does not follow {}", unit[r], time[r], time[r - 1]));
        }
        const auto at = std::lower_bound(panel.time_value.begin(), panel.time_value.end(), time[r]);
        panel.unit.push_back(static_cast<std::int32_t>(panel.unit_name.size()) - 1);
        panel.time.push_back(static_cast<std::int32_t>(at - panel.time_value.begin()));
        panel.file_row.push_back(static_cast<std::int64_t>(r) + 1);
    }
}

/// Names of columns are of no use here; a panel that is not made of a table cannot confuse them with its own.
Panel empty_panel(const char* source) {
    Panel panel;
    panel.source = source;
    panel.unit_column = "unit";
    panel.time_column = "time";
    return panel;
}

}  // namespace

Error damaged(const std::string& what) {
    return {Fault::data, what + "; the file is damaged or was changed, run the study again"};
}

Error Reader::missing(const std::string& name) {
    return {Fault::data, fmt::format("no \"{}\" of the right kind; the file is from another version of the "
                                     "program or damaged, run the study again",
                                     name)};
}

Error Reader::wrong_length(const std::string& name, std::size_t found, std::size_t expected) {
    return damaged(fmt::format("{} has {} values, not {}", name, found, expected));
}

Stored::Stored(const Results& results, const ResultGroup& source)
    : group(source), choice(choice_of(group)), panel(empty_panel("/panel")) {
    check_weights();
    read_panel(results);
    has_other = group.has("reference_row");
    if (has_other) read_reference();
    read_peers();
}

std::string Stored::place(const Panel& of, std::size_t row) const {
    return fmt::format("{} {}", of.unit_name[static_cast<std::size_t>(of.unit[row])],
                       of.time_value[static_cast<std::size_t>(of.time[row])]);
}

/// The weights that are stored are those that the name stands for.
void Stored::check_weights() const {
    const Numbers& expected = choice.item_weights;
    const auto compare = [&](const char* name, const Numbers& wanted) {
        if (group.attribute_or<Numbers>(name, {}) != wanted)
            throw damaged(fmt::format("attribute {} does not hold the weights \"{}\"", name, choice.weights));
    };
    compare("item_weights", expected);
    if (choice.settings.model != dea::Model::sbm) return;
    const auto m = static_cast<std::ptrdiff_t>(choice.variables.inputs.size());
    compare("weights_inputs", {expected.begin(), expected.begin() + m});
    compare("weights_outputs", {expected.begin() + m, expected.end()});
}

void Stored::read_panel(const Results& results) {
    const ResultGroup* const root = results.find("");
    const ResultGroup* const data = results.find("panel");
    if (root == nullptr || data == nullptr) throw damaged("there is no /panel to check it with");
    panel.unit_name = Reader(*root).values<std::string>("unit");
    panel.time_value = Reader(*root).values<std::int64_t>("time");
    if (!std::is_sorted(panel.time_value.begin(), panel.time_value.end()))
        throw damaged("the scale time does not ascend");
    periods = panel.time_value.size();
    cells = panel.unit_name.size() * periods;
    const auto& marks = group.values<std::int8_t>("used", cells);
    row_at.assign(cells, -1);
    for (std::size_t c = 0; c < cells; ++c) {
        if (marks[c] < 0) continue;
        row_at[c] = static_cast<std::int64_t>(cell.size());
        cell.push_back(c);
        used.push_back(marks[c] != 0);
        panel.unit.push_back(static_cast<std::int32_t>(c / periods));
        panel.time.push_back(static_cast<std::int32_t>(c % periods));
        panel.file_row.push_back(static_cast<std::int64_t>(cell.size()));
    }
    for (const auto& name : choice.variables.columns()) {
        const auto& values = Reader(*data).values<double>(name, cells);
        Numbers rows;
        rows.reserve(cell.size());
        for (const std::size_t c : cell) rows.push_back(values[c]);
        panel.set_number(name, std::move(rows));
    }
}

void Stored::read_reference() {
    other = empty_panel("reference_value");
    const auto names = choice.variables.all();
    const auto& unit = group.values<std::string>("reference_unit");
    const std::size_t n = unit.size();
    set_rows(other, unit, group.values<std::int64_t>("reference_time", n));
    const auto& value = group.values<double>("reference_value", n * names.size());
    for (std::size_t v = 0; v < names.size(); ++v) {
        Numbers column;
        for (std::size_t r = 0; r < n; ++r) column.push_back(value[r * names.size() + v]);
        other.set_number(names[v], std::move(column));
    }
}

void Stored::read_peers() {
    peers.resize(panel.rows());
    const auto& lambda = group.values<double>("lambda");
    const std::size_t n = lambda.size();
    const auto inside = [](std::int64_t at, std::size_t length, const char* name, std::size_t entry) {
        if (at >= 0 && static_cast<std::size_t>(at) < length) return static_cast<std::size_t>(at);
        throw damaged(fmt::format("peer_entry {}: {} is {}, there are 0 to {}", entry, name, at,
                                  static_cast<std::int64_t>(length) - 1));
    };
    const auto positions = [&](const char* name) {
        return std::pair{name, &group.values<std::int64_t>(name, n)};
    };
    const auto row = [&](const auto& units, const auto& times, std::size_t e) {
        const std::size_t u = inside((*units.second)[e], panel.unit_name.size(), units.first, e);
        const std::size_t t = inside((*times.second)[e], periods, times.first, e);
        const std::int64_t at = row_at[u * periods + t];
        if (at < 0)
            throw damaged(fmt::format("peer_entry {}: {} {} ({}, {}) is no row of the panel", e,
                                      panel.unit_name[u], panel.time_value[t], units.first, times.first));
        return static_cast<std::size_t>(at);
    };
    const auto of_unit = positions("peer_of_unit"), of_time = positions("peer_of_time");
    // A row of the reference panel has one position, a row of the panel two.
    const auto first = positions(has_other ? "peer_row" : "peer_unit");
    const auto second = positions(has_other ? "peer_row" : "peer_time");
    const bool twofold = choice.settings.disposability == dea::Disposability::weak &&
                         choice.settings.returns == dea::Returns::vrs;
    const Numbers* const idle = twofold ? &group.values<double>("idle", n) : nullptr;
    for (std::size_t e = 0; e < n; ++e) {
        RowPeers& of = peers[row(of_unit, of_time, e)];
        of.row.push_back(has_other ? inside((*first.second)[e], other.rows(), first.first, e)
                                   : row(first, second, e));
        of.lambda.push_back(lambda[e]);
        if (twofold) of.idle.push_back((*idle)[e]);
    }
}

}  // namespace greenfront::verify
