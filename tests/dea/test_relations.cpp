// What must hold between different models of the same task.
#include <cmath>

#include "tests/dea/every_model.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

constexpr double hair = 1e-10;
constexpr auto none = Orientation::none, input = Orientation::input, output = Orientation::output;
constexpr Returns all_returns[]{Returns::crs, Returns::vrs, Returns::nirs, Returns::ndrs};

Scores score(const Quantities& q, const Settings& s) {
    const Quantities priced = with_prices(q, s);
    return evaluate(priced, priced, identity(q.units()), s);
}

Scores score(const Quantities& q, Model model, Orientation orientation, Returns returns, bool super = false) {
    Settings s = setting(model, orientation, returns);
    s.super = super;
    return score(q, s);
}

bool at_most(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
    return (a - b).maxCoeff() <= hair;
}

Settings towards(Model model, bool inputs, bool goods, bool bads, Returns returns) {
    Settings s = setting(model, none, returns);
    const auto kind = [](bool on) { return on ? Direction::Kind::observed : Direction::Kind::zeros; };
    s.direction_inputs.kind = kind(inputs);
    s.direction_goods.kind = kind(goods);
    s.direction_bads.kind = kind(bads);
    return s;
}

}  // namespace

TEST_CASE("slacks-based scores do not exceed radial ones, and more sides do not exceed one") {
    for (const Kind kind : {Kind::smooth, Kind::integers, Kind::duplicates}) {
        const Quantities q = random_panel(kind, 2, 2, 0, 80, 201);
        for (const Returns r : all_returns) {
            const Eigen::VectorXd theta = score(q, Model::radial, input, r).score;
            const Eigen::VectorXd phi = score(q, Model::radial, output, r).score;
            const Eigen::VectorXd rho = score(q, Model::sbm, none, r).score;
            const Eigen::VectorXd rho_in = score(q, Model::sbm, input, r).score;
            const Eigen::VectorXd rho_out = score(q, Model::sbm, output, r).score;
            CHECK(at_most(rho_in, theta));
            CHECK(at_most(rho_out, phi.cwiseInverse()));
            CHECK(at_most(rho, rho_in));
            CHECK(at_most(rho, rho_out));
            CHECK(rho.minCoeff() > 0);
            CHECK(rho.maxCoeff() <= 1 + hair);
            CHECK(at_most(theta, score(q, Model::fdh, input, r).score));
            CHECK(at_most(score(q, Model::fdh, output, r).score, phi));
            CHECK(at_most(score(q, Model::cost, none, r).score, theta));
            CHECK(at_most(score(q, Model::revenue, none, r).score, phi.cwiseInverse()));
        }
        CHECK(at_most(score(q, Model::sbm, none, Returns::crs).score,
                      score(q, Model::radial, input, Returns::crs).score));  // rho <= theta of CCR
    }
}

TEST_CASE("radial scores are directional distances along inputs or goods") {
    for (const Kind kind : {Kind::smooth, Kind::integers, Kind::scales}) {
        for (const Eigen::Index bads : {0, 1}) {
            const Quantities q = random_panel(kind, 2, 2, bads, 70, 202);
            for (const Returns r : all_returns) {
                for (const bool super : {false, true}) {
                    const Scores theta = score(q, Model::radial, input, r, super);
                    const Scores phi = score(q, Model::radial, output, r, super);
                    Settings inwards = towards(Model::ddf, true, false, false, r);
                    Settings upwards = towards(Model::ddf, false, true, false, r);
                    inwards.super = upwards.super = super;
                    const Scores less = score(q, inwards), more = score(q, upwards);
                    for (Eigen::Index o = 0; o < q.units(); ++o) {
                        CAPTURE(o);
                        const auto at = static_cast<std::size_t>(o);
                        CHECK(less.status[at] == theta.status[at]);
                        CHECK(more.status[at] == phi.status[at]);
                        if (theta.status[at] == Status::optimal)
                            CHECK(std::abs(1 - less.score[o] - theta.score[o]) <=
                                  hair * theta.score[o] + hair);
                        if (phi.status[at] == Status::optimal)
                            CHECK(std::abs(1 + more.score[o] - phi.score[o]) <= hair * phi.score[o] + hair);
                    }
                }
            }
        }
    }
}

TEST_CASE("steps of one's own reach at least as far as a common step") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 2, 80, 203);
    for (const Returns r : all_returns) {
        for (const Disposability d : {Disposability::strong, Disposability::weak_naive}) {
            Settings common = towards(Model::ddf, true, true, true, r),
                     own = towards(Model::nddf, true, true, true, r);
            common.disposability = own.disposability = d;
            CHECK(at_most(score(q, common).score, score(q, own).score));  // weights add up to 1
        }
    }
}

TEST_CASE("bads: a technology with less freedom is smaller") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 2, 80, 204);
    for (const Model model : {Model::ddf, Model::nddf}) {
        for (const Returns r : {Returns::crs, Returns::vrs}) {
            Settings s = towards(model, true, true, true, r);
            const Eigen::VectorXd strong = score(q, s).score;
            s.disposability = Disposability::weak;
            const Eigen::VectorXd weak = score(q, s).score;
            s.disposability = Disposability::weak_naive;
            const Eigen::VectorXd naive = score(q, s).score;
            CHECK(at_most(naive, strong));
            CHECK(at_most(naive, weak));
            // Scaled down units (Kuosmanen) are not in the strongly disposable technology of variable
            // returns.
            if (r == Returns::crs) CHECK(at_most(weak, strong));
            if (r == Returns::crs) CHECK((naive - weak).cwiseAbs().maxCoeff() <= hair);
            if (r == Returns::vrs) CHECK((naive - weak).cwiseAbs().maxCoeff() > 1e-3);
        }
    }
}

TEST_CASE("super-efficiency is the score itself, or 1, for inefficient units") {
    for (const Kind kind : {Kind::smooth, Kind::duplicates}) {
        const Quantities q = random_panel(kind, 2, 1, 2, 80, 205);
        for (const Returns r : all_returns) {
            CAPTURE(static_cast<int>(r));
            for (const Orientation side : {none, input, output}) {
                const Scores rho = score(q, Model::sbm, side, r), delta = score(q, Model::sbm, side, r, true);
                for (Eigen::Index o = 0; o < q.units(); ++o) {
                    const auto at = static_cast<std::size_t>(o);
                    if (delta.status[at] != Status::optimal) {
                        CHECK(rho.score[o] >= 1 - hair);
                        continue;
                    }
                    CHECK(delta.score[o] >= 1 - hair);
                    if (rho.score[o] < 1 - 1e-8) CHECK(std::abs(delta.score[o] - 1) <= hair);
                    // Producing nothing is feasible: (s1 + s2) / s2.
                    const bool capped = side == none && (r == Returns::crs || r == Returns::nirs);
                    if (capped) CHECK(delta.score[o] <= 1.5 + hair);
                }
            }
            const Scores theta = score(q, Model::radial, input, r),
                         above = score(q, Model::radial, input, r, true);
            for (Eigen::Index o = 0; o < q.units(); ++o) {
                if (above.status[static_cast<std::size_t>(o)] != Status::optimal) continue;
                CHECK(above.score[o] >= theta.score[o] - hair);
                if (theta.score[o] < 1 - 1e-8) CHECK(std::abs(above.score[o] - theta.score[o]) <= hair);
            }
        }
    }
}

TEST_CASE("range adjusted and bounded adjusted measures lie between 0 and 1") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 2, 80, 206);
    for (const Returns r : all_returns) {
        for (const AdditiveWeights w : {AdditiveWeights::ram, AdditiveWeights::bam}) {
            if (w == AdditiveWeights::ram && r != Returns::vrs)
                continue;  // ranges bound slacks under vrs only
            Settings s = setting(Model::additive, none, r);
            s.additive_weights = w;
            const Eigen::VectorXd scores = score(q, s).score;
            if (r == Returns::vrs || r == Returns::crs) CHECK(scores.maxCoeff() <= 1 + hair);
            CHECK(scores.minCoeff() >= -hair);
            // Efficient in one additive model, efficient in all, and in the SBM: the same technology.
            const Eigen::VectorXd rho = score(q, Model::sbm, none, r).score;
            const bool bounded = w == AdditiveWeights::bam;  // a slack at its bound is held
            for (Eigen::Index o = 0; o < q.units(); ++o) {
                if (!bounded) CHECK((scores[o] <= 1e-9) == (rho[o] >= 1 - 1e-9));
            }
        }
    }
}
