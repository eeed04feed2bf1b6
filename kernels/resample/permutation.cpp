#include "kernels/resample/permutation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "kernels/error.hpp"

namespace greenfront::resample {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr int most_together = 16;
constexpr int bits_of_a_word = 48;  ///< used: a word is left out with a probability below 2^-16

std::string level(const panel::Factor& factor, std::int32_t code) {
    const auto c = static_cast<std::size_t>(code);
    return c < factor.level_name.size() ? factor.level_name[c] : std::to_string(code);
}

std::int32_t code_of(const panel::Factor& factor, std::int64_t row) {
    return factor.code[static_cast<std::size_t>(row)];
}

/// Rows by unit, then by period.
std::vector<std::int64_t> ordered_rows(const panel::Factor& unit, const panel::Factor& time) {
    std::vector<std::int64_t> rows(unit.code.size());
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    std::stable_sort(rows.begin(), rows.end(), [&](std::int64_t a, std::int64_t b) {
        const auto ua = code_of(unit, a), ub = code_of(unit, b);
        return ua != ub ? ua < ub : code_of(time, a) < code_of(time, b);
    });
    return rows;
}

void check_trajectory(const std::vector<std::int64_t>& rows, const panel::Factor& unit,
                      const panel::Factor& time, const panel::Factor& within) {
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (code_of(time, rows[i]) == code_of(time, rows[i - 1])) {
            throw Error(Fault::data,
                        fmt::format("{} {} has two rows in {} {}; a trajectory needs one row a period",
                                    unit.name, level(unit, code_of(unit, rows[i])), time.name,
                                    level(time, code_of(time, rows[i]))));
        }
        if (within.levels > 0 && code_of(within, rows[i]) != code_of(within, rows[0])) {
            throw Error(Fault::data,
                        fmt::format("{} {} is in {} {} and in {}; its trajectory belongs to no group of {}",
                                    unit.name, level(unit, code_of(unit, rows[i])), within.name,
                                    level(within, code_of(within, rows[0])),
                                    level(within, code_of(within, rows[i])), within.name));
        }
    }
}

using Key = std::vector<std::int32_t>;

Key row_key(Scheme scheme, const panel::Factor& unit, const panel::Factor& time, std::int64_t row) {
    if (scheme == Scheme::within_time) return {code_of(time, row)};
    if (scheme == Scheme::within_unit) return {code_of(unit, row)};
    return {};
}

/// log n!. std::lgamma() stores the sign of its result where all threads see it.
double log_factorial(std::size_t n) {
    int sign = 0;
    return ::lgamma_r(static_cast<double>(n) + 1, &sign);
}

}  // namespace

std::int64_t Exchange::fixed_items() const {
    return std::count_if(cell.begin(), cell.end(), [](const auto& c) { return c.size() == 1; });
}

std::vector<std::int32_t> Exchange::flat() const {
    std::vector<std::int32_t> items;
    items.reserve(rows.size());
    for (const auto& c : cell) items.insert(items.end(), c.begin(), c.end());
    return items;
}

Exchange exchange(Scheme scheme, const panel::Factor& unit, const panel::Factor& time,
                  const panel::Factor& within) {
    Exchange result;
    result.scheme = scheme;
    const bool trajectory = scheme == Scheme::trajectory;
    if (trajectory) result.rows.resize(static_cast<std::size_t>(unit.levels));
    for (const std::int64_t row : ordered_rows(unit, time)) {
        if (trajectory)
            result.rows[static_cast<std::size_t>(code_of(unit, row))].push_back(row);
        else
            result.rows.push_back({row});
    }
    std::map<Key, std::size_t> known;
    for (std::size_t item = 0; item < result.rows.size(); ++item) {
        const auto& rows = result.rows[item];
        Key key;
        if (trajectory) {
            check_trajectory(rows, unit, time, within);
            for (const auto row : rows) key.push_back(code_of(time, row));
        } else {
            key = row_key(scheme, unit, time, rows[0]);
        }
        if (within.levels > 0) key.push_back(code_of(within, rows[0]));
        const auto [entry, fresh] = known.try_emplace(std::move(key), result.cell.size());
        if (fresh) result.cell.emplace_back();
        result.cell[entry->second].push_back(static_cast<std::int32_t>(item));
    }
    return result;
}

Shuffle::Shuffle(const Exchange& exchange) {
    std::map<std::size_t, std::size_t> of_size;
    std::size_t items = 0;
    for (const auto& cell : exchange.cell) {
        begin_.push_back(items);
        items += cell.size();
        const auto [entry, fresh] = of_size.try_emplace(cell.size(), plan_.size());
        if (fresh) plan_.push_back(make_plan(cell.size()));
        plan_of_.push_back(entry->second);
        const Plan& plan = plan_[entry->second];
        words_ += plan.threshold.size();
        most_numbers_ = std::max(most_numbers_, cell.size());
    }
}

Shuffle::Plan Shuffle::make_plan(std::size_t items) {
    Plan plan;
    plan.items = items;
    const int bits = std::max(1, static_cast<int>(std::bit_width(items - 1)));
    plan.together = static_cast<std::uint32_t>(std::clamp(bits_of_a_word / bits, 1, most_together));
    const std::size_t numbers = items - 1, whole = words_together * plan.together;
    plan.groups = numbers / whole;
    plan.last_words = (numbers % whole + plan.together - 1) / plan.together;
    const auto add = [&](std::size_t first, std::size_t word, std::size_t words, std::size_t end) {
        std::uint64_t product = 1;
        for (std::size_t j = first + word; j < end; j += words) product *= items - j;
        plan.threshold.push_back((0 - product) % product);
    };
    for (std::size_t g = 0; g < plan.groups; ++g) {
        for (std::size_t w = 0; w < words_together; ++w) add(g * whole, w, words_together, (g + 1) * whole);
    }
    for (std::size_t w = 0; w < plan.last_words; ++w) add(plan.groups * whole, w, plan.last_words, numbers);
    return plan;
}

const std::uint32_t* Shuffle::numbers(const Plan& plan, Words& words) {
    std::uint32_t* const number = words.number_.data();
    const std::size_t numbers = plan.items - 1, whole = words_together * plan.together;
    std::size_t first = 0;
    const std::uint64_t* threshold = plan.threshold.data();
    const auto word = [&](std::size_t at, std::size_t together, std::size_t end) {
        std::uint64_t rest = 0;
        do {
            rest = words.next();
            for (std::size_t j = at; j < end; j += together) {
                const Wide product = static_cast<Wide>(rest) * (plan.items - j);
                rest = static_cast<std::uint64_t>(product);
                number[j] = static_cast<std::uint32_t>(product >> 64);
            }
        } while (rest < *threshold);
        ++threshold;
    };
    const std::size_t of_groups = plan.groups * words_together;
    if (plan.groups > 0 && words.at_ + of_groups <= words.words_.size() &&
        shuffle_numbers(words.words_.data() + words.at_, threshold, plan.groups,
                        static_cast<std::uint32_t>(plan.items), plan.together, number)) {
        words.at_ += of_groups;
        first = plan.groups * whole;
        threshold += of_groups;
    } else {  // a word has to be left out, which shifts those behind it
        for (; first < plan.groups * whole; first += whole) {
            for (std::size_t w = 0; w < words_together; ++w) word(first + w, words_together, first + whole);
        }
    }
    for (std::size_t w = 0; w < plan.last_words; ++w) word(first + w, plan.last_words, numbers);
    return number;
}

Shuffle::Words::Words(const Shuffle& shuffle, rng::Stream stream)
    : stream_(stream), number_(shuffle.most_numbers_), words_(shuffle.words_) {
    restart(stream);
}

void Shuffle::Words::restart(rng::Stream stream) {
    stream_ = stream;
    stream_.bits(words_.data(), words_.size());
    at_ = 0;
}

std::vector<std::int32_t> shuffle(const Exchange& exchange, rng::Stream stream) {
    const Shuffle plan(exchange);
    Shuffle::Words words(plan, stream);
    const auto flat = exchange.flat();
    auto order = flat;
    plan.all(words, order.data());
    std::vector<std::int32_t> donor(flat.size());
    for (std::size_t i = 0; i < flat.size(); ++i) donor[static_cast<std::size_t>(flat[i])] = order[i];
    return donor;
}

Enumeration::Enumeration(const Exchange& exchange, const Eigen::VectorXd& values)
    : items_(exchange.rows.size()) {
    for (const auto& items : exchange.cell) {
        Cell& cell = cell_.emplace_back();
        cell.item = items;
        cell.log_count = log_factorial(items.size());
        std::map<std::vector<std::uint64_t>, std::size_t> known;
        for (const std::int32_t item : items) {
            std::vector<std::uint64_t> key;
            for (const auto row : exchange.rows[static_cast<std::size_t>(item)])
                key.push_back(std::bit_cast<std::uint64_t>(values(row) + 0.0));  // -0 is 0
            const auto [entry, fresh] = known.try_emplace(std::move(key), cell.of_class.size());
            if (fresh) cell.of_class.emplace_back();
            cell.of_class[entry->second].push_back(item);
        }
        for (const auto& members : cell.of_class) cell.log_count -= log_factorial(members.size());
        log_count_ += cell.log_count;
    }
}

double Enumeration::count() const {
    const double about = std::exp(log_count_);
    if (!(about < 1e12)) return about;
    double all = 1;  // of whole numbers: logarithms are good to far more than these twelve digits
    for (const Cell& cell : cell_) all *= std::round(std::exp(cell.log_count));
    return all;
}

std::vector<std::int32_t> Enumeration::assignment(std::int64_t r) const {
    std::vector<std::int32_t> donor(items_);
    for (auto cell = cell_.rbegin(); cell != cell_.rend(); ++cell) {
        const auto all = static_cast<std::int64_t>(std::llround(std::exp(cell->log_count)));
        std::int64_t index = r % all, ways = all;  // arrangements of the places left
        r /= all;
        auto places = static_cast<std::int64_t>(cell->item.size());
        std::vector<std::size_t> used(cell->of_class.size(), 0);
        for (const std::int32_t item : cell->item) {
            for (std::size_t c = 0;; ++c) {
                const auto& members = cell->of_class[c];
                const auto left = static_cast<std::int64_t>(members.size() - used[c]);
                if (left == 0) continue;
                const std::int64_t with = ways * left / places;  // a whole number
                if (index < with) {
                    donor[static_cast<std::size_t>(item)] = members[used[c]++];
                    ways = with;
                    break;
                }
                index -= with;
            }
            --places;
        }
    }
    return donor;
}

void source_rows(const Exchange& exchange, const std::vector<std::int32_t>& donor,
                 std::vector<std::int64_t>& source) {
    for (std::size_t i = 0; i < donor.size(); ++i) {
        const auto& to = exchange.rows[i];
        const auto& from = exchange.rows[static_cast<std::size_t>(donor[i])];
        for (std::size_t t = 0; t < to.size(); ++t) source[static_cast<std::size_t>(to[t])] = from[t];
    }
}

bool commutes(const std::vector<panel::FixedEffect>& effects, const Exchange& exchange) {
    /// Whether `value` of every row is that of the row in the same place of the cell's first item.
    const auto of_cell = [&](const auto& value) {
        for (const auto& cell : exchange.cell) {
            const auto& first = exchange.rows[static_cast<std::size_t>(cell.front())];
            for (const auto item : cell) {
                const auto& rows = exchange.rows[static_cast<std::size_t>(item)];
                for (std::size_t t = 0; t < rows.size(); ++t) {
                    if (value(rows[t]) != value(first[t])) return false;
                }
            }
        }
        return true;
    };
    const auto one_an_item = [&](const panel::FixedEffect& effect) {
        if (effect.factor.levels != static_cast<std::int32_t>(exchange.rows.size())) return false;
        return std::all_of(exchange.rows.begin(), exchange.rows.end(), [&](const auto& rows) {
            return std::all_of(rows.begin(), rows.end(), [&](std::int64_t row) {
                return code_of(effect.factor, row) == code_of(effect.factor, rows[0]);
            });
        });
    };
    return std::all_of(effects.begin(), effects.end(), [&](const panel::FixedEffect& effect) {
        for (Eigen::Index s = 0; s < effect.slope.cols(); ++s) {
            if (!of_cell([&](std::int64_t row) { return effect.slope(row, s); })) return false;
        }
        return of_cell([&](std::int64_t row) { return code_of(effect.factor, row); }) || one_an_item(effect);
    });
}

}  // namespace greenfront::resample
