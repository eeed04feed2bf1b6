#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "tests/dea/golden.hpp"

/// Every model and option that can be combined, for property tests.
namespace greenfront::dea_test {

struct Named {
    dea::Settings settings;
    std::string name;
    /// +1: a larger technology cannot raise the score (efficiencies); -1: cannot lower it (distances, phi).
    int sense = 1;
    bool invariant = true;  ///< a change of units changes nothing
    bool bads = true;       ///< makes sense with bad outputs
};

inline const char* name_of(dea::Returns returns) {
    constexpr const char* names[]{"crs", "vrs", "nirs", "ndrs"};
    return names[static_cast<int>(returns)];
}

class EveryModel {
  public:
    explicit EveryModel(dea::Returns returns) : returns_(returns) {
        using enum dea::Model;
        using dea::Orientation;
        for (const Orientation o : {Orientation::input, Orientation::output}) {
            const int sense = o == Orientation::input ? 1 : -1;
            const char* side = o == Orientation::input ? " input" : " output";
            add(setting(radial, o), std::string("radial") + side, sense);
            add(setting(fdh, o), std::string("fdh") + side, sense);
            last().settings.model = fdh;
            dea::Settings s = setting(radial, o);
            s.super = true;
            add(s, std::string("super radial") + side, sense);
        }
        constexpr const char* sides[]{"", " input", " output"};
        for (const Orientation o : {Orientation::none, Orientation::input, Orientation::output}) {
            const std::string side = sides[static_cast<int>(o)];
            dea::Settings s = setting(sbm, o);
            add(s, "sbm" + side, 1);
            s.super = true;
            add(s, "super sbm" + side, 1);
            add_additive(o, side);
        }
        dea::Settings numerator = setting(sbm, Orientation::none);
        numerator.super = true;
        numerator.super_bads = dea::SuperBads::numerator;
        add(numerator, "super sbm numerator", 1);
        add_directional();
        add(setting(cost, Orientation::none), "cost", 1);
        add(setting(revenue, Orientation::none), "revenue", 1);
    }
    std::vector<Named> list;

  private:
    Named& last() { return list.back(); }
    dea::Settings setting(dea::Model model, dea::Orientation orientation) const {
        return dea_test::setting(model, orientation, returns_);
    }
    void add(const dea::Settings& s, const std::string& name, int sense) {
        list.push_back({s, name + " " + name_of(returns_), sense});
    }
    void add_additive(dea::Orientation o, const std::string& side) {
        constexpr const char* names[]{"ones", "mip", "ram", "bam", "normalized"};
        for (int w = 0; w < 5; ++w) {
            dea::Settings s = setting(dea::Model::additive, o);
            s.additive_weights = static_cast<dea::AdditiveWeights>(w);
            add(s, std::string("additive ") + names[w] + side, -1);
            last().invariant = s.additive_weights != dea::AdditiveWeights::ones;
        }
    }
    void add_directional() {
        using dea::Disposability, dea::Returns;
        constexpr const char* names[]{" strong", " weak", " weak-naive"};
        for (const dea::Model model : {dea::Model::ddf, dea::Model::nddf}) {
            for (int d = 0; d < 3; ++d) {
                const bool ranged = returns_ == Returns::nirs || returns_ == Returns::ndrs;
                if (static_cast<Disposability>(d) == Disposability::weak && ranged) continue;
                for (const bool super : {false, true}) {
                    dea::Settings s = setting(model, dea::Orientation::none);
                    s.disposability = static_cast<Disposability>(d);
                    s.super = super;
                    const std::string name = model == dea::Model::ddf ? "ddf" : "nddf";
                    add(s, (super ? "super " : "") + name + names[d], -1);
                    s.direction_inputs.kind = dea::Direction::Kind::observed;
                    add(s, (super ? "super " : "") + name + " with inputs" + names[d], -1);
                }
            }
        }
    }
    dea::Returns returns_;
};

inline std::vector<Named> every_model() {
    std::vector<Named> all;
    for (const auto r : {dea::Returns::crs, dea::Returns::vrs, dea::Returns::nirs, dea::Returns::ndrs}) {
        const EveryModel some(r);
        all.insert(all.end(), some.list.begin(), some.list.end());
    }
    return all;
}

/// With prices, where the model wants them: the same for all, so that scores can be compared.
inline dea::Quantities with_prices(dea::Quantities q, const dea::Settings& s) {
    const bool cost = s.model == dea::Model::cost, revenue = s.model == dea::Model::revenue;
    const Eigen::Index rows = cost ? q.X.rows() : revenue ? q.Y.rows() : 0;
    q.price.resize(rows, rows > 0 ? q.units() : 0);
    for (Eigen::Index i = 0; i < q.price.rows(); ++i) {
        // A variable's share of all: prices that follow the unit of measure.
        const double sum = cost ? q.X.row(i).sum() : q.Y.row(i).sum();
        q.price.row(i).setConstant(static_cast<double>(q.units()) * (1.0 + 0.5 * static_cast<double>(i)) /
                                   sum);
    }
    return q;
}

inline dea::Quantities columns(const dea::Quantities& q, const std::vector<Eigen::Index>& which) {
    dea::Quantities part{q.X(Eigen::all, which), q.Y(Eigen::all, which), q.B(Eigen::all, which)};
    if (q.price.size() > 0) part.price = q.price(Eigen::all, which);
    return part;
}

}  // namespace greenfront::dea_test
