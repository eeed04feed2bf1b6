#include "kernels/resample/placebo_source.hpp"

#include <algorithm>

namespace greenfront::resample {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Way = PlaceboSetting::Way;

PlaceboSource::PlaceboSource(const PlaceboSetting& s, const PlaceboOptions& p, const Enumeration& e)
    : setting(s), placebo(p), enumeration(e), shuffle(s.exchange), flat(s.exchange.flat()) {
    const auto& rows = s.exchange.rows;
    if (s.store == nullptr) return;
    for (const auto item : flat) {
        to.push_back(target.size());
        for (const auto row : rows[static_cast<std::size_t>(item)])
            target.push_back(s.store->position[static_cast<std::size_t>(row)]);
    }
    if (s.exchange.scheme != Scheme::trajectory) {
        for (const auto item : flat) value.push_back(s.base(rows[static_cast<std::size_t>(item)][0]));
        contiguous = true;
        for (std::size_t c = 0; c < shuffle.cells(); ++c) {
            const std::size_t end = shuffle.begin(c) + s.exchange.cell[c].size();
            for (std::size_t i = shuffle.begin(c) + 1; i < end; ++i)
                contiguous = contiguous && target[i] == target[i - 1] + 1;
        }
        return;
    }
    by_period = s.store->rectangular;
    if (by_period) {
        for (std::size_t t = 0; t < rows[0].size(); ++t) {
            for (const auto& own : rows) value.push_back(s.base(own[t]));
            value.push_back(0);  // of lanes that no unit fills
        }
        return;
    }
    for (const auto& own : rows) {
        begin.push_back(value.size());
        for (const auto row : own) value.push_back(s.base(row));
    }
    to.push_back(target.size());
}

void PlaceboSource::order(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& order) const {
    order = flat;
    if (!placebo.enumerate) {
        words.restart(stream(r));
        shuffle.all(words, order.data());
        return;
    }
    const auto donor = enumeration.assignment(r);
    for (std::size_t i = 0; i < flat.size(); ++i) order[i] = donor[static_cast<std::size_t>(flat[i])];
}

void PlaceboSource::lanes(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& moved) const {
    order(r, words, moved);
    moved.resize(static_cast<std::size_t>(setting.store->stride), static_cast<std::int32_t>(flat.size()));
}

void PlaceboSource::fill(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& moved,
                         std::vector<double>& buffer, double* draw) const {
    const bool rows = setting.exchange.scheme != Scheme::trajectory;
    if (rows && !placebo.enumerate) {
        words.restart(stream(r));
        if (contiguous) {
            for (std::size_t c = 0; c < shuffle.cells(); ++c) {
                const std::size_t first = shuffle.begin(c);
                double* const at = draw + target[first];
                std::copy_n(value.data() + first, setting.exchange.cell[c].size(), at);
                shuffle.cell(c, words, at);
            }
            return;
        }
        buffer = value;
        shuffle.all(words, buffer.data());
        for (std::size_t i = 0; i < buffer.size(); ++i) draw[target[i]] = buffer[i];
        return;
    }
    if (by_period) {
        lanes(r, words, moved);
        placebo_gather(*setting.store, value.data(), moved.data(), draw);
        return;
    }
    order(r, words, moved);
    if (rows) {
        for (std::size_t i = 0; i < moved.size(); ++i) {
            const auto row = setting.exchange.rows[static_cast<std::size_t>(moved[i])][0];
            draw[target[i]] = setting.base(row);
        }
    } else {
        for (std::size_t i = 0; i < moved.size(); ++i) {
            const double* from = value.data() + begin[static_cast<std::size_t>(moved[i])];
            for (std::size_t t = to[i]; t < to[i + 1]; ++t) draw[target[t]] = *from++;
        }
    }
}

void PlaceboSource::column(const std::vector<std::int32_t>& moved, Eigen::Ref<VectorXd> result) const {
    for (std::size_t i = 0; i < moved.size(); ++i) {
        const auto& into = setting.exchange.rows[static_cast<std::size_t>(flat[i])];
        const auto& from = setting.exchange.rows[static_cast<std::size_t>(moved[i])];
        for (std::size_t t = 0; t < into.size(); ++t) result(into[t]) = setting.base(from[t]);
    }
}

void PlaceboBlock::solve(std::int64_t count, bool gather, PlaceboDraw* out) {
    const PlaceboSetting& s = source.setting;
    const double* draw[placebo_strip] = {};
    const std::int32_t* item[placebo_strip] = {};
    for (std::int64_t i = 0; i < count; ++i) {
        draw[i] = memory.data() + i * s.store->size;
        item[i] = items[static_cast<std::size_t>(i)].data();
    }
    PlaceboInput input{draw, nullptr, nullptr};
    if (gather) input = {nullptr, source.value.data(), item};
    PlaceboSums sums[placebo_strip];
    placebo_sums(*s.store, input, static_cast<int>(count), sums_work, sums);
    for (std::int64_t i = 0; i < count; ++i) {
        if (placebo_from_sums(s, sums[i], out[i])) continue;
        if (gather) placebo_gather(*s.store, source.value.data(), item[i], memory.data() + i * s.store->size);
        column.resize(s.raw.size());
        for (Index row = 0; row < column.size(); ++row)
            column(row) = draw[i][s.store->position[static_cast<std::size_t>(row)]];
        out[i] = placebo_direct(s, column, work, score);
    }
}

void PlaceboBlock::run_partialled(std::int64_t first, std::int64_t count, PlaceboDraw* out) {
    const PlaceboSetting& s = source.setting;
    MatrixXd v(s.raw.size(), count);
    for (std::int64_t i = 0; i < count; ++i) {
        source.order(first + i, words, order);
        source.column(order, v.col(i));
    }
    if (s.way == Way::literal) {
        for (std::int64_t i = 0; i < count; ++i) out[i] = placebo_fit(s, v.col(i));
        return;
    }
    if (s.way == Way::partialled) s.prepared->absorber.apply(v);
    for (std::int64_t i = 0; i < count;) {
        if (s.store == nullptr) {
            out[i] = placebo_direct(s, v.col(i), work, score);
            ++i;
            continue;
        }
        const std::int64_t strip = std::min<std::int64_t>(placebo_strip, count - i);
        for (std::int64_t j = 0; j < strip; ++j) {
            double* const draw = memory.data() + j * s.store->size;
            for (Index row = 0; row < v.rows(); ++row)
                draw[s.store->position[static_cast<std::size_t>(row)]] = v(row, i + j);
        }
        solve(strip, false, out + i);
        i += strip;
    }
}

void PlaceboBlock::run(std::int64_t first, std::int64_t count, PlaceboDraw* out) {
    const PlaceboSetting& s = source.setting;
    if (s.store != nullptr && memory.empty())  // what no row fills stays zero from here on
        memory.assign(static_cast<std::size_t>(placebo_strip * s.store->size), 0.0);
    if (s.store == nullptr || s.way == Way::partialled) return run_partialled(first, count, out);
    for (std::int64_t i = 0; i < count; i += placebo_strip) {
        const std::int64_t strip = std::min<std::int64_t>(placebo_strip, count - i);
        const bool gather = source.by_period && s.way == Way::permuted;
        for (std::int64_t j = 0; j < strip; ++j) {
            if (gather) {
                source.lanes(first + i + j, words, items[static_cast<std::size_t>(j)]);
                continue;
            }
            double* const draw = memory.data() + j * s.store->size;
            source.fill(first + i + j, words, order, buffer, draw);
            if (s.way == Way::demeaned) placebo_demean(*s.store, s.demean_period, s.demean_unit, draw);
        }
        solve(strip, gather, out + i);
    }
}

}  // namespace greenfront::resample
