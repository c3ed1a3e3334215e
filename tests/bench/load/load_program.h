// What the load programs share beside the load: how they run, and what they cost.
#pragma once

#include <functional>
#include <string_view>

namespace trunkline::bench {

// Starts the log and runs the program; gives the exit code of the process. What it throws goes to standard error as a
// sentence.
int RunLoadProgram(std::string_view name, const std::function<void()>& program);

// Processor time of this process so far, of the user and of the system.
double ProcessorSeconds();

}  // namespace trunkline::bench
