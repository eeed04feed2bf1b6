#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/levers.hpp"

/// The inside of LeverProgram: lever_form.cpp checks, lever_program.cpp makes it ready for a panel,
/// lever_operations.cpp applies it.
namespace greenfront::levers {

enum class Kind { scale, shift, set, cap, floor, close_gap, elasticity, assign };

/// Which keys an operation takes beside variable, minimum, maximum, cost_per_unit and assumption.
struct OperationForm {
    std::string type;
    Kind kind;
    std::vector<std::string> needed, possible;
};
[[nodiscard]] const std::vector<OperationForm>& operation_forms();
[[nodiscard]] const OperationForm* form_of(const std::string& type);

/// "lever talent, operation 0 (scale of wage)"; operations count from 0, as in --set and in messages of the
/// study file.
[[nodiscard]] std::string name_of(const Lever& lever, std::size_t operation);
[[noreturn]] void fail(const std::string& where, const std::string& what);

/// The parameters of an operation, in the order of Parameters::value.
enum Parameter : std::size_t { per_unit, value, elasticity, base, cost, parameters_each };
struct NamedParameter {
    const char* key;
    const Uncertain* parameter;
};
[[nodiscard]] std::array<NamedParameter, parameters_each> parameters_of(const Operation& operation);

inline constexpr std::size_t none = static_cast<std::size_t>(-1);

/// An operation made ready. Vectors over rows go with Acting::row.
struct Move {
    Kind kind = Kind::scale;
    std::size_t operation = 0;    ///< in the lever
    std::size_t column = 0;       ///< in Compiled::columns
    std::size_t parameter = 0;    ///< its first one in Parameters::value
    std::vector<double> target;   ///< close_gap but to a value
    std::vector<double> weight;   ///< shift; empty: 1
    std::size_t driver = none;    ///< elasticity: column in Compiled::columns
    std::size_t driver_room = 0;  ///< where the driver's values before the lever are kept in the room
    bool bounded_below = false;
    double low = 0, high = 0;  ///< a result in low..high needs no second look
};

/// A lever made ready.
struct Acting {
    AppliedLever applied;
    std::vector<std::uint32_t> row;     ///< selected, and the path has begun
    std::vector<std::uint32_t> period;  ///< time code of each
    std::vector<double> built_up;       ///< the path by time code
    double path_sum = 0;                ///< over `row`
    std::size_t cost_parameter = 0;
    std::vector<Move> moves;
};

}  // namespace greenfront::levers

namespace greenfront {

struct LeverProgram::Compiled {
    std::vector<levers::Acting> levers;
    std::vector<std::size_t> columns;
    std::vector<std::vector<double>> start;  ///< of each of `columns`
    struct Drawn {
        std::size_t position;
        std::uint64_t stream;
    };
    std::vector<Uncertain> parameters;
    std::vector<double> point;
    std::vector<Drawn> drawn;
    std::size_t room = 0;  ///< numbers in Outcome::room: periods, then drivers
    Panel rows;            ///< names of rows for messages, no columns
};

}  // namespace greenfront
