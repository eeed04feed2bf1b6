#pragma once
#include <string>
#include <vector>

#include "engine/app/commands.hpp"
#include "engine/efficiency.hpp"
#include "io/table.hpp"

/// What `greenfront dea` prints.
namespace greenfront::app {

/// Which parts of an answer the user asked for.
struct DeaParts {
    bool slacks = false, peers = false, prices = false, targets = false;
};

/// Everything that the forms of output need.
struct DeaAnswer {
    DeaChoice choice;
    DeaParts parts;
    Panel panel;
    Panel other;  ///< --reference-panel; else empty
    bool has_other = false;
    std::vector<char> usable;  ///< rows with a value everywhere
    std::vector<ReferenceGroup> groups;
    Efficiency result;
    Eigen::MatrixXd target, shadow;       ///< where asked for
    std::vector<std::size_t> order;       ///< panel rows in the order of the file
    std::vector<std::size_t> first_peer;  ///< rows + 1 offsets into scores.peers

    [[nodiscard]] const Panel& reference() const { return has_other ? other : panel; }
};

[[nodiscard]] Json dea_json(const DeaAnswer& answer);
/// With all digits where `full` (for machines).
[[nodiscard]] io::Table dea_table(const DeaAnswer& answer, bool full);
/// What a user should know besides the numbers, on standard error. Failed units make the exit code 3.
void dea_report(const DeaAnswer& answer);

}  // namespace greenfront::app
