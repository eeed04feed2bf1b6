#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/dea/replay.hpp"

/// Programs that no method could certify, kept whole so that they can be run again alone.
namespace greenfront {

/// The program of one row of a panel. Names of variables are in the kernel's order: bads that count as inputs
/// stand behind the inputs.
struct FailedUnit {
    std::string stage{};                                ///< "dea.main", "sweep.claim", "bootstrap.joint"
    std::string scenario{};                             ///< sweep: its name; else empty
    std::int64_t scenario_number = -1, replicate = -1;  ///< -1: none
    std::string unit{};
    std::optional<std::int64_t> time{};
    std::string panel{};      ///< source of the row
    std::int64_t record = 0;  ///< its number there
    std::vector<std::string> inputs{}, good{}, bad{};
    dea::Task task{};
};

/// Takes failed units, from any thread. The engine knows no files; io implements the interface
/// (io/failed_unit.hpp).
class FailureSink {
  public:
    virtual ~FailureSink() = default;
    virtual void put(const FailedUnit& failed) = 0;
};

}  // namespace greenfront
