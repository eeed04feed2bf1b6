#pragma once
#include <stdexcept>
#include <string>

namespace greenfront {

/// Whose fault an error is; the number is the exit code of the program.
enum class Fault {
    usage = 64,          ///< the command line contradicts itself or asks for what does not exist
    data = 65,           ///< the panel cannot be used as it is
    no_input = 66,       ///< a named input file does not exist or cannot be opened
    cannot_create = 73,  ///< an output exists already or its folder cannot be written
    io = 74,             ///< reading or writing broke off
    study = 78,          ///< the study file is wrong
};

/// The one error that reaches a user. The message says what is wrong, where (file, row, column, key)
/// and what to do about it; several problems of one input are joined by newlines in one Error.
class Error : public std::runtime_error {
  public:
    Error(Fault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}
    [[nodiscard]] Fault fault() const { return fault_; }
    [[nodiscard]] int exit_code() const { return static_cast<int>(fault_); }

  private:
    Fault fault_;
};

}  // namespace greenfront
