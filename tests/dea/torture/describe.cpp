#include <fmt/format.h>

#include "tests/dea/torture/batch.hpp"

namespace greenfront::torture {
namespace {

using namespace dea;

const char* text(Direction::Kind kind) {
    constexpr const char* names[]{"0", "own", "given"};
    return names[static_cast<int>(kind)];
}

}  // namespace

std::string describe(const Batch& b) {
    constexpr const char* orientations[]{"", " input", " output"};
    constexpr const char* returns[]{"crs", "vrs", "nirs", "ndrs"};
    constexpr const char* disposals[]{"", " weak", " weak-naive"};
    constexpr const char* weights[]{"ones", "mip", "ram", "bam", "normalized", "given"};
    const Settings& s = b.settings;
    std::string result =
        fmt::format("{}{} {}{}, {}+{}+{} of {} units, {} evaluated, {}", kind_names[static_cast<int>(b.kind)],
                    orientations[static_cast<int>(s.orientation)], returns[static_cast<int>(s.returns)],
                    disposals[static_cast<int>(s.disposability)], b.m(), b.s1(), b.s2(), b.reference.units(),
                    b.evaluated.units(), b.features);
    if (s.model == Model::additive)
        result += fmt::format(", weights {}", weights[static_cast<int>(s.additive_weights)]);
    if (s.model == Model::ddf || s.model == Model::nddf) {
        result += fmt::format(", direction {} {} {}", text(s.direction_inputs.kind),
                              text(s.direction_goods.kind), text(s.direction_bads.kind));
    }
    if (s.model == Model::sbm && s.super && s.super_bads == SuperBads::numerator) result += ", numerator";
    if (s.drop_zero_outputs && s.model == Model::sbm) result += ", drop zeros";
    if (s.input_weights.size() + s.output_weights.size() + s.item_weights.size() > 0)
        result += ", own weights";
    if (!b.left_out.empty()) result += ", ranges left out";
    if (s.slacks) result += ", slacks";
    if (s.price_all_columns) result += ", all columns";
    return result;
}

}  // namespace greenfront::torture
